"""Small print that is easily misread: make-ups, dealt-out days, dittos, places of a section, deadlines, duties."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.audit import NOT_UNDERSTOOD
from programme.notice.notice import Notice
from programme.notice.reading import parse
from tests.programme.notice.conftest import FIXTURES, ROOT, Parse


def _plan(notice: Notice) -> list[tuple[str, str | None, str | None]]:
    return [(f"{s.held_on:%m-%d}", f"{s.start:%H:%M}" if s.start else None, s.place) for s in notice.sessions]


def _titles(notice: Notice) -> list[tuple[str | None, str | None]]:
    return [(item.title, item.speaker) for s in notice.sessions for item in s.items]


def _rules(notice: Notice) -> list[tuple[str, object]]:
    return [(rule.rule, rule.value) for rule in notice.rules]


def _codes(notice: Notice) -> set[str]:
    return {anomaly.code for anomaly in notice.anomalies}


def _unread(notice: Notice) -> list[int | None]:
    return [a.line for a in notice.anomalies if NOT_UNDERSTOOD in a.what]


def test_a_make_up_day_in_a_bracket_is_the_day_that_is_held(read: Parse) -> None:
    notice = read("例会\n每周四14:30在A301例会，2月5日至2月26日。\n2月14日（周六，补2月5日）。\n", 2026)

    assert _plan(notice) == [(day, "14:30", "A301") for day in ("02-12", "02-14", "02-19", "02-26")]
    assert "makeup_day" in _codes(notice)


def test_a_make_up_day_in_a_table_cell_is_the_day_that_is_held(read: Parse) -> None:
    text = "二月安排\n日期\t时间\t题目\n2月12日\t14:30\t《A》\n2月14日（周六，补2月5日）\t14:30\t《B》\n"

    notice = read(text, 2026)

    assert [f"{s.held_on:%m-%d}" for s in notice.sessions] == ["02-12", "02-14"]
    assert [free.held_on.day for free in notice.free_days] == [5]


def test_a_day_moved_in_a_table_cell_is_held_on_the_new_day(read: Parse) -> None:
    text = "二月安排\n日期\t时间\t题目\n2月12日\t14:30\t《A》\n2月19日（调至2月20日）\t14:30\t《B》\n"

    assert [f"{s.held_on:%m-%d}" for s in read(text, 2026).sessions] == ["02-12", "02-20"]


def test_each_its_own_deals_titles_and_people_out_over_the_days(read: Parse) -> None:
    notice = read("九月报告\n9月8日、15日下午3点在A101分别由周老师讲《A》、吴老师讲《B》。\n", 2026)

    assert _plan(notice) == [("09-08", "15:00", "A101"), ("09-15", "15:00", "A101")]
    assert _titles(notice) == [("A", "周老师"), ("B", "吴老师")]


def test_each_its_own_deals_hours_and_rooms_out_too(read: Parse) -> None:
    notice = read("九月报告\n9月8日、15日分别于14:00、16:00在A101、B202举行《A》讲座。\n", 2026)

    assert _plan(notice) == [("09-08", "14:00", "A101"), ("09-15", "16:00", "B202")]


def test_each_its_own_that_does_not_come_out_even_is_asked(read: Parse) -> None:
    notice = read("九月报告\n9月8日、15日、22日下午3点分别由周老师讲《A》、吴老师讲《B》。\n", 2026)

    assert _titles(notice) == []
    assert [a.done for a in notice.anomalies if a.code == "rule_unclear"] == ["asked"]


@pytest.mark.parametrize(
    "line", ["值班室电话 62781111，分机 1111。", "咨询电话 1111", "请致电 62781111 或内线 1111"]
)
def test_a_number_to_call_is_no_room(read: Parse, line: str) -> None:
    notice = read(f"报告\n3月3日（周二）14:00 《A》 李老师\n{line}\n", 2026)

    assert (_plan(notice), _unread(notice)) == ([("03-03", "14:00", None)], [3])


def test_a_changed_place_beside_the_speaker_leaves_nothing_in_the_title(read: Parse) -> None:
    notice = read("报告\n9月20日（周日）14:00 高性能计算（主讲：林小雨博士，改在B201）\n", 2026)

    assert (_plan(notice), _titles(notice)) == (
        [("09-20", "14:00", "B201")],
        [("高性能计算", "林小雨博士")],
    )


def test_a_listed_day_of_a_series_is_one_session_with_the_series_hour_and_speaker(read: Parse) -> None:
    text = "读书会\n每周二 19:00-21:00，3月3日至3月17日，地点：A305，领读：陈博士\n3月3日 《一》\n3月10日 《二》\n"

    notice = read(text, 2026)

    assert _plan(notice) == [(day, "19:00", "A305") for day in ("03-03", "03-10", "03-17")]
    assert {item.speaker for s in notice.sessions for item in s.items} == {"陈博士"}
    assert not _codes(notice) & {"time_pending", "duplicate_date"}


def test_a_day_moved_for_a_reason_is_held_once(read: Parse) -> None:
    notice = read(
        "组会\n每周六上午9点组会，5月2日至5月16日，地点：A301。\n5月9日调休上班，改到5月10日。\n", 2026
    )

    assert [day for day, _, _ in _plan(notice)] == ["05-02", "05-10", "05-16"]
    assert {item.track for s in notice.sessions for item in s.items} == {"组会"}


def test_a_place_or_an_hour_changed_for_one_day_changes_that_day_alone(read: Parse) -> None:
    text = "组会\n每周六上午9点组会，5月2日至5月16日，地点：A301。\n5月9日改在B202。\n5月16日改到下午3点。\n"

    assert _plan(read(text, 2026)) == [
        ("05-02", "09:00", "A301"),
        ("05-09", "09:00", "B202"),
        ("05-16", "15:00", "A301"),
    ]


def test_a_place_stands_for_the_section_it_stands_in(read: Parse) -> None:
    text = (
        "讲座\n一、理论组\n地点：A101\n4月9日 14:00《A》\n4月16日 14:00《B》\n"
        "二、应用组\n地点：线上（腾讯会议）\n4月10日 14:00《C》\n"
    )

    places = [s.place for s in read(text, 2026).sessions]

    assert places == ["A101", "线上（腾讯会议）", "A101"]


def test_a_place_in_a_section_without_sessions_stands_for_all(read: Parse) -> None:
    text = "讲座\n一、时间\n4月9日 14:00《A》\n4月16日 14:00《B》\n二、地点\n信息楼 305\n"

    assert [s.place for s in read(text, 2026).sessions] == ["信息楼 305"] * 2


def test_a_second_place_for_the_same_sessions_is_asked_and_not_dropped(read: Parse) -> None:
    text = "讲座\n4月9日 14:00《A》 地点：A101\n4月16日 14:00《B》 地点：A101\n地点：信息楼 305\n"

    assert _unread(read(text, 2026)) == [4]


def test_the_people_who_take_part_are_obliged(read: Parse) -> None:
    notice = read("讲座\n4月9日 14:00《A》\n参加人员：研一、大三全体，博士生自愿。\n研0必须到。\n", 2026)

    assert [(r.rule, r.applies_to) for r in notice.rules] == [
        ("attendance_required", ("研1", "大三")),
        ("attendance_required", ("研0",)),
        ("attendance_optional", ("博士生",)),
    ]


def test_each_deadline_is_that_of_what_stands_beside_it(read: Parse) -> None:
    text = "讲座\n4月9日 14:00《A》\n报名截止4月1日，选题截止4月3日，报告于4月20日前提交。\n缴费：4月2日前完成缴费。\n"

    assert _rules(read(text, 2026)) == [
        ("report_deadline", "2026-04-20"),
        ("registration_deadline", "2026-04-01"),
        ("topic_deadline", "2026-04-03"),
        ("other_deadline", "2026-04-02"),
    ]


def test_the_same_as_above_is_taken_from_above_and_is_no_title(read: Parse) -> None:
    notice = read("论坛\n5月5日 14:00 李教授《A》，地点：A101\n5月12日 14:00 同上地点 圆桌论坛\n", 2026)

    assert (_plan(notice)[1], _titles(notice)[1]) == (("05-12", "14:00", "A101"), ("圆桌论坛", None))


def test_a_ditto_cell_repeats_the_cell_above(read: Parse) -> None:
    text = "论坛\n日期\t时间\t题目\t地点\n5月5日\t14:00\t《A》\tA101\n5月12日\t同上\t《B》\t〃\n"

    assert _plan(read(text, 2026)) == [("05-05", "14:00", "A101"), ("05-12", "14:00", "A101")]


def test_new_years_day_beside_december_and_january_is_the_later_years(read: Parse) -> None:
    text = "沙龙\n12月24日（周三）15:00《A》\n1月7日（周三）15:00《B》\n元旦（1月1日）放假。\n总结于1月9日前提交。\n"

    notice = read(text, 2025)

    assert [free.held_on.isoformat() for free in notice.free_days] == ["2026-01-01"]
    assert ("report_deadline", "2026-01-09") in _rules(notice)


def test_january_listed_behind_a_series_from_december_is_the_later_years(read: Parse) -> None:
    notice = read("学习\n12月29日至1月2日，每天 9:00 自习。\n1月5日（周一）15:00《A》\n", 2025)

    assert [s.held_on.year for s in notice.sessions] == [2025] * 3 + [2026] * 3


@pytest.mark.parametrize(
    ("lines", "titles"),
    [
        (
            "一、甲方向\n(1) 子题\n二、乙方向\n2.1 子题\n三、丙方向\n四、丁方向",
            ["甲方向", "乙方向", "丙方向", "丁方向"],
        ),
        ("2.1 甲方向\n2.2 乙方向", ["甲方向", "乙方向"]),
    ],
)
def test_topics_with_other_numbers_are_read(read: Parse, lines: str, titles: list[str]) -> None:
    notice = read(f"选题通知\n6月8日 19:00《说明》\n附件：选题方向\n{lines}\n", 2026)

    assert [topic.title for topic in notice.topics] == titles


def test_a_section_behind_the_topics_is_no_topic(read: Parse) -> None:
    text = "选题通知\n6月8日 19:00《说明》\n三、选题方向\n(1) 甲\n(2) 乙\n四、其他\n报告于6月20日前提交。\n"

    notice = read(text, 2026)

    assert [topic.title for topic in notice.topics] == ["甲", "乙"]
    assert ("report_deadline", "2026-06-20") in _rules(notice)


def test_topics_in_one_line_are_read(read: Parse) -> None:
    notice = read("通知\n6月8日 19:00《说明》\n选题方向：1. 图网络；2. 强化学习；3. 机器翻译\n", 2026)

    assert [topic.title for topic in notice.topics] == ["图网络", "强化学习", "机器翻译"]


def test_absence_and_leave_are_kept_word_for_word(read: Parse) -> None:
    notice = read("讲座\n4月9日 14:00《A》\n无故缺席两次者取消评优资格。请假须提前一天说明。\n", 2026)

    assert _rules(notice) == [
        ("absence_rule", "无故缺席两次者取消评优资格"),
        ("leave_rule", "请假须提前一天说明"),
    ]


def test_one_day_printed_twice_in_a_cell_is_one_day(read: Parse) -> None:
    text = "安排\n周三\t周五\n10月14日 14:00 10/14《A》\t10月16日 9.30-11.30 组会\n"

    notice = read(text, 2026)

    assert [f"{s.held_on:%m-%d}" for s in notice.sessions] == ["10-14", "10-16"]
    assert "merged_cell_two_dates" not in _codes(notice)


@pytest.mark.parametrize(
    "line",
    [
        "主持人：待确认后公布，备选 4月30日",
        "材料费每人50元，自理。",
        "截止时间另行通知。",
        "详见 https://example.edu.cn/x",
        "备用教室：信息楼 999",
        "另外 19:30 还有彩排",
        "周日也开放",
    ],
)
def test_what_no_fact_accounts_for_is_asked(read: Parse, line: str) -> None:
    notice = read(f"讲座\n4月9日（周四）14:00-16:00 李教授《A》 地点：A101\n{line}\n", 2026)

    assert _unread(notice) == [3]
    assert any(3 in question.lines and question.state == "open" for question in notice.questions)


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "samples" / "notice.txt",
        *(FIXTURES / name for name in ("august-sentences.txt", "autumn-rows.xlsx", "september-table.docx")),
    ],
    ids=lambda path: path.name,
)
def test_a_notice_that_is_read_whole_leaves_nothing_to_ask_about(path: Path) -> None:
    assert _unread(parse(read_notice_file(path), 2023)) == []


@pytest.mark.parametrize(
    "text",
    [
        "研讨会\n日期\t内容\n7月6日\t"
        + "《甲》7月6日 14:30 A101 张老师、" * 2000
        + "\n7月7日\t14:00《乙》\n",
        "研讨会\n" + "7月6日 14:30 在A101 张老师讲《甲》，" * 2000 + "\n7月7日（周二）14:00 《乙》\n",
    ],
)
def test_a_huge_cell_or_line_is_told_and_gives_no_session(read: Parse, text: str) -> None:
    read("研讨会\n7月7日（周二）14:00 《乙》\n", 2026)  # the patterns are compiled once per process

    begun = time.process_time()
    notice = read(text, 2026)
    taken = time.process_time() - begun

    assert [f"{s.held_on:%m-%d}" for s in notice.sessions] == ["07-07"]
    assert "oversize_cell" in _codes(notice)
    assert taken < 1


def test_a_second_hour_on_a_line_is_no_end_and_is_asked(read: Parse) -> None:
    notice = read("活动\n5月20日（周三）14:00《C》王老师 A101，茶歇 15:30\n", 2026)

    assert ([s.end for s in notice.sessions], _unread(notice)) == ([None], [2])


def test_a_place_in_a_sentence_of_its_own_stands_for_all(read: Parse) -> None:
    notice = read("活动\n5月20日 14:00《C》\n地点统一安排在信息楼 305，请勿迟到。\n", 2026)

    assert [s.place for s in notice.sessions] == ["信息楼 305"]

"""Hard notices: weekly series, exceptions, impossible days and hours, odd tables."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programme.notice.notice import Notice
from programme.notice.page import Page, Paragraph
from programme.notice.reading import parse
from programme.notice.result import to_json
from tests.fuzzing import examples
from tests.programme.notice.conftest import Parse


def _days(notice: Notice) -> list[str]:
    return [f"{s.held_on:%m-%d}" for s in notice.sessions]


def _hours(notice: Notice) -> list[tuple[str | None, str | None]]:
    return [
        (f"{s.start:%H:%M}" if s.start else None, f"{s.end:%H:%M}" if s.end else None)
        for s in notice.sessions
    ]


def _codes(notice: Notice, *ignored: str) -> list[tuple[str, tuple[int, ...], str]]:
    usual = {"details_missing", "year_missing", "title_repeated", *ignored}
    return [(a.code, a.lines, a.done) for a in notice.anomalies if a.code not in usual]


def test_a_weekly_series_with_a_count_has_that_many_sessions(read: Parse) -> None:
    notice = read("读书会通知\n每周三晚上7点在A302举行读书会，共8次，从9月6日起。\n", 2023)

    assert _days(notice) == ["09-06", "09-13", "09-20", "09-27", "10-04", "10-11", "10-18", "10-25"]


def test_a_series_takes_its_hour_and_place_from_its_sentence(read: Parse) -> None:
    notice = read("读书会通知\n每周三晚上7点至8点半在A302举行读书会，共2次，从9月6日起。\n", 2023)

    assert [(str(s.start), str(s.end), s.place) for s in notice.sessions] == [
        ("19:00:00", "20:30:00", "A302")
    ] * 2


def test_a_suspended_day_is_left_out_and_its_make_up_day_is_held(read: Parse) -> None:
    notice = read("读书会\n每周三晚上7点，共5次，从9月20日起。10月4日国庆停课，10月7日（周六）补上。\n", 2023)

    assert (_days(notice), _codes(notice)) == (
        ["09-20", "09-27", "10-07", "10-11", "10-18"],
        [("suspended_date", (2,), "kept"), ("makeup_day", (2,), "kept")],
    )


def test_a_series_over_whole_months_ends_with_the_last(read: Parse) -> None:
    notice = read("2023年研讨班\n时间：9月至10月每周二、四下午2:30-4:00\n地点：理科楼205\n", None)

    assert (_days(notice)[0], _days(notice)[-1], len(notice.sessions)) == ("09-05", "10-31", 17)


def test_a_series_that_starts_off_its_weekdays_begins_with_the_next_and_tells(read: Parse) -> None:
    notice = read("讨论班\n从9月6日起每周二、四晚7点，共3次。\n", 2023)

    assert (_days(notice), _codes(notice)) == (
        ["09-07", "09-12", "09-14"],
        [("first_week_before_start", (2,), "kept")],
    )


def test_an_exception_without_a_day_is_asked(read: Parse) -> None:
    notice = read("讨论班\n从9月5日起每周二晚7点，共3次，遇节假日顺延。\n", 2023)

    assert ("ambiguous_exception", (2,), "asked") in _codes(notice)


def test_a_list_crosses_the_end_of_the_year(read: Parse) -> None:
    text = "12月—1月工作坊安排\n日期\t时间\t主题\n12月27日\t14:00-16:00\t《总结》\n1月3日\t14:00-16:00\t《开题》\n"

    notice = read(text, 2023)

    assert [s.held_on for s in notice.sessions] == [date(2023, 12, 27), date(2024, 1, 3)]


def test_a_grid_crosses_the_end_of_a_month(read: Parse) -> None:
    text = "五月安排\n周一\t周五\n27日 14:00《A》\t31日 14:00《B》\n3日 14:00《C》\t7日 14:00《D》\n"

    notice = read(text, 2024)

    assert _days(notice) == ["05-27", "05-31", "06-03", "06-07"]


def test_chinese_numerals_are_read(read: Parse) -> None:
    notice = read(
        "学习安排\n十一月十五日（星期三）晚上七点至八点半，王老师讲《随机过程》，地点：三教301。\n", 2023
    )

    assert [(s.held_on, str(s.start), str(s.end), s.place, s.items[0].speaker) for s in notice.sessions] == [
        (date(2023, 11, 15), "19:00:00", "20:30:00", "三教301", "王老师")
    ]


def test_full_width_marks_are_read(read: Parse) -> None:
    notice = read("三月安排\n３月２６日　１９：００～２１：００　《Ｄ》　地点：Ａ１０１\n", 2024)

    assert _hours(notice) == [("19:00", "21:00")]


@pytest.mark.parametrize(
    ("line", "code", "hours"),
    [
        ("9月13日 25:00《C》", "impossible_time", (None, None)),
        ("9月13日 14:75《C》", "impossible_time", (None, None)),
        ("9月13日 下午16:00-15:00《C》", "end_before_start", ("16:00", None)),
        ("9月13日 上午15:00《C》", "contradictory_time", (None, None)),
    ],
)
def test_an_hour_that_cannot_be_is_asked_and_not_guessed(
    read: Parse, line: str, code: str, hours: tuple[str | None, str | None]
) -> None:
    notice = read(f"安排\n9月6日 14:00《A》\n{line}\n", 2023)

    assert (_hours(notice)[1], [c for c in _codes(notice) if c[0] == code]) == (
        hours,
        [(code, (3,), "asked")],
    )


def test_30_february_is_a_question_and_no_session(read: Parse) -> None:
    notice = read("2024年2月安排\n2月28日 14:00 《A》\n2月30日 14:00 《B》\n", None)

    assert (_days(notice), _codes(notice), notice.questions[-1].subject) == (
        ["02-28"],
        [("impossible_date", (3,), "asked")],
        "line:3",
    )


def test_the_same_session_printed_twice_is_one(read: Parse) -> None:
    notice = read("2024年安排\n2月29日（周四） 14:00 《C》\n2月29日（周四） 14:00 《C》\n", None)

    assert (len(notice.sessions), _codes(notice)) == (1, [("duplicate_session", (2, 3), "fixed")])


def test_two_sessions_at_the_same_hour_are_asked(read: Parse) -> None:
    notice = read("2024年安排\n2月29日 14:00 《C》\n2月29日 14:00 《D》\n", None)

    assert (len(notice.sessions), _codes(notice)) == (2, [("duplicate_date", (2, 3), "asked")])


def test_a_cancelled_row_is_no_session(read: Parse) -> None:
    text = "2023年安排\n日期\t时间\t主题\n9月6日\t14:00\t《A》\n9月7日\t14:00\t《B》（取消）\n"

    notice = read(text, None)

    assert (_days(notice), _codes(notice)) == (["09-06"], [("cancelled_row", (4,), "kept")])


def test_a_weekday_beside_a_date_that_does_not_fit_is_asked(read: Parse) -> None:
    text = "2023年安排\n9月5日（周二）14:00《A》\n9月12日（周三）14:00《B》\n9月19日（周二）14:00《C》\n"

    notice = read(text, None)

    question = next(q for q in notice.questions if q.subject == "date:S02")
    assert (_codes(notice), question.options) == ([("weekday_mismatch", (3,), "asked")], ("9/12", "9/13"))


def test_days_as_headings_hold_for_the_lines_below(read: Parse) -> None:
    text = "七月日程\n7月8日（周六）\n上午9:00-10:30 李教授《A》 A301\n下午2:00 王博士《B》 A301\n7月9日（周日）\n9:00 《C》\n"

    notice = read(text, 2023)

    assert [(s.held_on.day, str(s.start), s.items[0].title) for s in notice.sessions] == [
        (8, "09:00:00", "A"),
        (8, "14:00:00", "B"),
        (9, "09:00:00", "C"),
    ]


def test_labelled_blocks_are_sessions(read: Parse) -> None:
    text = "学术讲座预告\n题目：大模型\n主讲人：李华 教授\n时间：2024年5月16日（星期四）15:00-16:30\n地点：报告厅\n"

    notice = read(text, None)

    assert [(s.held_on, s.items[0].title, s.items[0].speaker, s.place) for s in notice.sessions] == [
        (date(2024, 5, 16), "大模型", "李华 教授", "报告厅")
    ]


def test_a_grid_with_hours_in_its_first_column(read: Parse) -> None:
    text = "2024年5月安排\n时间\t星期一\t星期三\n日期\t6日\t8日\n上午9:00-11:00\t《A》\t《B》\n下午2:00-4:00\t《C》\t\n"

    notice = read(text, None)

    assert [(s.held_on.day, str(s.start), s.items[0].title) for s in notice.sessions] == [
        (6, "09:00:00", "A"),
        (6, "14:00:00", "C"),
        (8, "09:00:00", "B"),
    ]


def test_weeks_with_their_span_give_each_column_its_day(read: Parse) -> None:
    text = "2024年10月安排\n周次 | 周二 | 周四\n第一周（10.8-10.12） | 14:30 《A》 | 14:30 《B》\n"

    assert _days(read(text, None)) == ["10-08", "10-10"]


def test_a_cell_with_more_than_the_header_has_is_asked(read: Parse) -> None:
    notice = read("2023年安排\n周二\t周四\n5日 14:00《A》\t7日 14:00《B》\t8日 14:00《C》\n", None)

    assert [c for c in _codes(notice) if c[0] == "extra_cell"] == [("extra_cell", (3,), "asked")]


def test_a_cell_without_a_date_is_asked(read: Parse) -> None:
    notice = read("2023年9月安排\n周二\t周四\n5日 14:00《A》\t14:00《B》\n", None)

    assert [c for c in _codes(notice) if c[0] == "rule_unclear"] == [("rule_unclear", (3,), "asked")]


def test_pasted_html_is_read_and_told(read: Parse) -> None:
    text = "<p>2023年9月安排</p>\n<table><tr><td>周一</td><td>周三</td></tr>\n<tr><td>4日 下午2:00《A》</td><td>6日</td></tr></table>\n"

    notice = read(text, None)

    assert (_days(notice), _codes(notice)) == (["09-04"], [("html_markup", (1, 2, 3), "fixed")])


def test_a_registration_deadline_is_no_session(read: Parse) -> None:
    notice = read("2024年4月讲座\n4月9日 14:30《A》\n请于4月7日17:00前报名。\n", None)

    assert (_days(notice), _codes(notice)) == (["04-09"], [("registration_deadline", (3,), "kept")])


def test_an_implausible_year_is_refused(read: Parse) -> None:
    notice = read("2923年4月讲座\n4月9日 14:30《A》\n", None)

    assert ([a.code for a in notice.anomalies][:1], bool(notice.refused)) == (["implausible_year"], True)


def test_a_printed_year_against_a_given_one_is_refused(read: Parse) -> None:
    notice = read("2023年4月讲座\n4月9日 14:30《A》\n", 2024)

    assert (notice.refused, notice.sessions) == (("通知里印的是2023年，不是2024年，没有导入",), ())


def test_an_hour_without_morning_or_afternoon_is_not_guessed(read: Parse) -> None:
    assert _hours(read("2024年3月讲座\n3月5日 2:30-4:30 《A》\n", None)) == [(None, None)]


def test_a_number_beyond_reason_is_asked(read: Parse) -> None:
    notice = read("2024年3月讲座\n3月5日 14:30 《A》\n每人提交99999页以上的报告。\n", None)

    assert [c for c in _codes(notice) if c[0] == "implausible_number"] == [
        ("implausible_number", (3,), "asked")
    ]


def test_topics_with_a_gap_in_their_numbers_are_told(read: Parse) -> None:
    text = "2024年3月讲座\n3月5日 14:30 《A》\n★选题范围：\n1. 图学习。\n3. 强化学习。//游戏\n正文一。\n"

    notice = read(text, None)

    assert (
        [(t.printed_no, t.title, t.note) for t in notice.topics],
        [c for c in _codes(notice) if c[0] == "numbering_gap"],
    ) == (
        [(1, "图学习", None), (3, "强化学习", "游戏")],
        [("numbering_gap", (4, 5), "kept")],
    )


def test_a_page_without_any_session_is_refused(read: Parse) -> None:
    assert read("请大家注意安全。\n", 2024).refused == ("没有读到任何场次，没有导入",)


TOKENS = [
    "7月",
    "3日",
    "周一",
    "周三",
    "每周",
    "共8次",
    "从",
    "起",
    "至",
    "《",
    "》",
    "下午",
    "14:30",
    "2:30-4:30",
    "25:00",
    "\t",
    "\n",
    "|",
    "，",
    "。",
    "；",
    "：",
    "（",
    "）",
    "时间",
    "地点",
    "主讲人",
    "停课",
    "补",
    "除",
    "外",
    "取消",
    "99日",
    "0月",
    "2月30日",
    "九",
    "十",
    "第",
    "1.",
    "附件",
    "每份",
    "400",
    "元",
    "研0",
    "必须",
    "参加",
    "页以上",
    "5-10分钟",
    "前提交",
    "<td>",
    "</tr>",
    "2024年",
    "99999999999999",
    "𝟕",
    "٣",
]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.sampled_from(TOKENS), st.text(max_size=8)), max_size=60).map("".join),
    st.sampled_from([None, 2023, 0, 99999]),
)
def test_no_text_makes_the_parser_fail(text: str, year: int | None) -> None:
    page = Page("x", tuple(Paragraph(number, line) for number, line in enumerate(text.split("\n"), 1)))

    notice = parse(page, year)

    assert to_json(notice)["questions"] != []

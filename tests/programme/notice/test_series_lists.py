"""A weekly series whose titles stand in a counted list, or whose sentence also says who must come."""

from __future__ import annotations

from documents.notice_reader import read_notice_file
from programme.notice.notice import Notice
from programme.notice.reading import parse

READING_CLUB = """人工智能读书会（2025年秋季）

时间：9月10日起每周三晚19:30，共8次（国庆假期10月1日停一次，10月11日周六补）
地点：信息楼305

第1次 《Attention is All You Need》 张伟
第2次 《BERT》 李明
第4讲：《扩散模型》
第9次 《多出来的一次》
"""

TRAINING_CAMP = """2026年寒假前沿技术训练营的通知

训练营定于2026年1月12日至1月30日举行，每周一、三、五晚上7:00-9:00在实验楼B201上课，大三、研一同学必须参加，大二同学自愿参加。
具体安排：
1月12日（周一）19:00-21:00 开营仪式，主讲：王强教授，地点：实验楼B201
1月30日（周五）14:00-17:00 结营汇报，B301
"""


def read(text: str) -> Notice:
    return parse(read_notice_file(text.encode(), "通知.txt"), None)


def titles(notice: Notice) -> dict[str, list[tuple[str | None, str | None]]]:
    return {
        s.held_on.isoformat(): [(i.title, i.speaker) for i in s.items] for s in notice.sessions if s.items
    }


def test_a_counted_list_gives_the_sessions_of_a_series_their_titles_and_speakers() -> None:
    assert titles(read(READING_CLUB)) == {
        "2025-09-10": [("Attention is All You Need", "张伟")],
        "2025-09-17": [("BERT", "李明")],
        "2025-10-08": [("扩散模型", None)],
    }


def test_a_counted_line_that_fits_no_session_is_asked_about() -> None:
    asked = [(a.lines, a.done) for a in read(READING_CLUB).anomalies if "对不上任何一场" in a.what]

    assert asked == [((9,), "asked")]


def test_who_must_come_is_neither_a_title_nor_a_speaker() -> None:
    notice = read(TRAINING_CAMP)

    assert titles(notice) == {"2026-01-12": [("开营仪式", "王强教授")], "2026-01-30": [("结营汇报", None)]}
    assert {s.place for s in notice.sessions if not s.items} == {"实验楼B201"}


def test_a_day_of_the_list_with_its_own_hour_gets_no_second_session_from_the_series() -> None:
    days = [s.held_on.isoformat() for s in read(TRAINING_CAMP).sessions]

    assert days == sorted(set(days))


def test_a_bracket_that_held_the_place_leaves_no_mark_in_the_title() -> None:
    notice = read("暑期安排\n2026年8月10日（周一）上午9:00 编程实训（机房2）\n")

    assert titles(notice) == {"2026-08-10": [("编程实训", None)]}
    assert [s.place for s in notice.sessions] == ["机房2"]

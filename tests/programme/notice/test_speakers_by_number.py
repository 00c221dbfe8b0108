"""Who speaks when: nobody is given a session, and no session a title, that the notice does not give."""

from __future__ import annotations

from tests.programme.notice.conftest import Parse


def test_speakers_dealt_by_number_are_asked_about_and_given_to_no_session(read: Parse) -> None:
    notice = read(
        "秋季读书会安排\n时间：每周三 19:00-21:00，地点：信息楼 502，9 月 2 日开始，共 3 次。\n"
        "主讲：第1次 王磊，第2次 李娜，以后轮流。\n",
        2026,
    )

    items = {(item.title, item.speaker) for session in notice.sessions for item in session.items}
    asked = [item.what for item in notice.anomalies if item.lines == (3,) and item.done == "asked"]
    assert {title for title, _ in items} <= {None, "读书会"}
    assert {speaker for _, speaker in items} <= {None}
    assert asked == ["第3行有主讲或主持，我没有看懂：「主讲：第1次 王磊，第2次 李娜，以后轮流。」"]


def test_the_words_around_a_span_of_days_are_no_title(read: Parse) -> None:
    notice = read(
        "关于举办编译原理培训的通知\n定于2026年8月10日至8月12日（周一至周三）举办培训，每天上午9：00—11：30，地点为三楼机房。\n",
        None,
    )

    assert [
        (f"{s.held_on:%m-%d}", [item.title or item.track for item in s.items]) for s in notice.sessions
    ] == [("08-10", ["培训"]), ("08-11", ["培训"]), ("08-12", ["培训"])]


def test_several_people_before_a_title_are_its_speakers(read: Parse) -> None:
    notice = read(
        "2026 年春季组会安排\n时间：每周四下午 3:00，地点 A201\n3月12日 李四 模型对齐\n3月19日 王五、赵六 图学习\n",
        None,
    )

    assert [(item.title, item.speaker) for s in notice.sessions for item in s.items] == [
        ("模型对齐", "李四"),
        ("图学习", "王五、赵六"),
    ]

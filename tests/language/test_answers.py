"""回复 3 14:00；回复 4 C101: several answers of the admin in one text."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from language.answers import answers_in
from language.understand import understand

AT = datetime(2023, 7, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("回复 3 14:00", ((3, "14:00"),)),
        ("回复3 14:00", ((3, "14:00"),)),
        ("回复 3", ((3, ""),)),
        ("回复 3：A301", ((3, "A301"),)),
        ("回复 3 14:00；回复 4 C101", ((3, "14:00"), (4, "C101"))),
        ("回复 3 14:00;回复 4 C101", ((3, "14:00"), (4, "C101"))),
        ("回复 3 14:00，回复 4 C101。", ((3, "14:00"), (4, "C101"))),
        ("回复 3 14:00 回复 4 C101", ((3, "14:00"), (4, "C101"))),
        ("回复 3 14:00\n回复 4 C101\n回复 7 没有", ((3, "14:00"), (4, "C101"), (7, "没有"))),
        ("回复 3 14:00\n4 C101", ((3, "14:00"), (4, "C101"))),
        ("回复 3 14:00；4 C101", ((3, "14:00"), (4, "C101"))),
        ("回复 3 7/6 15:00，7/13 16:00", ((3, "7/6 15:00，7/13 16:00"),)),
        ("回复 3 7/6 15:00；7/13 16:00", ((3, "7/6 15:00；7/13 16:00"),)),
        ("回复 3 6日 15:00；13日 16:00", ((3, "6日 15:00；13日 16:00"),)),
        ("回复 3 14:00；回复 3 15:00", ((3, "15:00"),)),
        ("回复 6 李老师会回复 2 天内发", ((6, "李老师会回复 2 天内发"),)),
        ("请回复 3 14:00", ()),
        ("14:00", ()),
    ],
)
def test_the_answers_of_a_text(text: str, found: tuple[tuple[int, str], ...]) -> None:
    assert answers_in(text) == found


@pytest.mark.parametrize(
    "text", ["回复 3", "回复3", "回复 3 14:00；回复 4 C101", "回复 3 14:00\n回复 4 C101"]
)
def test_a_text_of_answers_is_understood_as_one(text: str) -> None:
    heard = understand(text, AT, "admin")

    assert (heard.intent, heard.slots["number"]) == ("answer_question", 3)

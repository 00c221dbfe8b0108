"""No word of the check-in grid is a command, a yes or a mistyped word: an answer is always an answer."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from language.normalise import normalise
from language.understand import understand
from programme.grid_words import WORDS

AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_every_word_of_the_grid_is_no_request_from_anybody() -> None:
    taken = {
        word: intent
        for word in WORDS
        for role in ("student", "mentor", "admin")
        if (intent := understand(word, AT, role).intent) not in ("out_of_scope", "no_action")
    }

    assert taken == {}


def test_every_word_of_the_grid_stays_itself_when_it_is_normalised() -> None:
    assert [word for word in WORDS if normalise(word).text != word] == []

"""Who of the roster speaks on what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from programme.people import Person, Role
from programme.sessions import Item, Session, Source
from programme.speakers import speakers_of

FIRST, SECOND = Item("前沿研究分享", "AI", None), Item("工程项目开发分享", "平台", None)


def session(first: str | None, second: str | None = None) -> Session:
    items = (replace(FIRST, speaker=first), replace(SECOND, speaker=second))
    return Session(
        "S03", date(2023, 7, 6), None, None, "afternoon", "talks", "everyone", items, None, (), (), "tentative", 1,
        Source(19, "6 日"),
    )  # fmt: skip


def person(name: str, number: str = "", role: Role = "mentor") -> Person:
    return Person(name + number, "p", name, number or None, None, None, frozenset({role}))


def talks(of: Session, *people: Person) -> dict[str, list[str | None]]:
    return {who: [item.title for item in items] for who, items in speakers_of(of, people).items()}


def test_a_speaker_is_found_by_name_with_their_own_talk() -> None:
    assert talks(session("周老师", "李老师"), person("周老师"), person("李老师"), person("张老师")) == {
        "周老师": ["AI"],
        "李老师": ["平台"],
    }


@pytest.mark.parametrize("cell", ["周老师、李老师", "周老师/李老师", "周 老师，李老师", "周老师和李老师"])
def test_several_share_a_talk(cell: str) -> None:
    assert talks(session(cell), person("周老师"), person("李老师")) == {"周老师": ["AI"], "李老师": ["AI"]}


def test_a_name_may_hold_a_word_that_joins_names() -> None:
    assert talks(session("尹和平"), person("尹和平")) == {"尹和平": ["AI"]}


def test_who_gives_both_talks_is_told_of_both() -> None:
    assert talks(session("周老师", "周老师"), person("周老师")) == {"周老师": ["AI", "平台"]}


def test_a_speaker_who_is_not_on_the_roster_is_a_free_name() -> None:
    assert talks(session("外校王教授", "视频压缩组"), person("周老师")) == {}


def test_of_two_of_one_name_only_the_speaker_of_the_roster_is_meant() -> None:
    namesakes = person("李伟", "1", "student"), person("李伟", "2", "speaker")

    assert talks(session("李伟"), *namesakes) == {"李伟2": ["AI"]}


def test_two_of_one_name_who_cannot_be_told_apart_are_not_told() -> None:
    assert talks(session("李伟"), person("李伟", "1"), person("李伟", "2")) == {}

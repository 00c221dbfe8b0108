"""Every entry of the lexicon does what it is there for."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

import pytest

import language
from language.labels import FINER, LABELS
from language.lexicon import lexicon
from language.normalise import mended, normalise, one_form
from language.reading import read
from language.understand import understand

NOW = datetime.fromisoformat("2023-07-10T09:00:00+08:00")
DATA = tomllib.loads((Path(language.__file__).parent / "lexicon.toml").read_text(encoding="utf-8"))
ROLE_WORDS = {
    "approve_yes": ("approve",),
    "approve_no": ("approve",),
    "hold_over": ("hold_over",),
    "reminder_on": ("reminder",),
    "reminder_off": ("reminder",),
}


@pytest.mark.parametrize("right", DATA["typos"])
def test_a_slip_is_mended(right: str) -> None:
    wrong = DATA["typos"][right]

    assert {slip: mended(slip) for slip in wrong} == dict.fromkeys(wrong, mended(right))


@pytest.mark.parametrize("meaning", DATA["latin"])
def test_an_english_word_or_abbreviation_is_what_it_stands_for(meaning: str) -> None:
    forms = [form for form in DATA["latin"][meaning] if "-" not in form]

    read_as = {form: mended(one_form(form)) for form in forms}

    assert read_as == dict.fromkeys(forms, meaning)


@pytest.mark.parametrize("meaning", DATA["pinyin"])
def test_a_pinyin_word_is_what_it_stands_for(meaning: str) -> None:
    table = lexicon().pinyin

    assert {form: table[form] for form in DATA["pinyin"][meaning]} == dict.fromkeys(
        DATA["pinyin"][meaning], meaning
    )


@pytest.mark.parametrize("intent", DATA["whole"])
def test_a_text_of_one_known_phrase_gets_its_label(intent: str) -> None:
    wanted = ROLE_WORDS.get(intent, (intent,))
    last_one = lexicon().whole

    got = {
        text: understand(text, NOW, "mentor").intent
        for text in DATA["whole"][intent]
        if last_one[text] == intent
    }

    assert {text: label for text, label in got.items() if label not in wanted} == {}


def test_every_label_of_a_known_phrase_exists() -> None:
    labels = {label for intent in DATA["whole"] for label in ROLE_WORDS.get(intent, (intent,))}

    assert labels - LABELS - set(FINER) == set()


@pytest.mark.parametrize("intent", DATA["stickers"])
def test_a_lone_sticker_gets_its_label(intent: str) -> None:
    wanted = "out_of_scope" if intent == "farewell" else intent

    got = {sticker: understand(sticker, NOW, "student").intent for sticker in DATA["stickers"][intent]}

    assert got == dict.fromkeys(got, wanted)


@pytest.mark.parametrize("tag", DATA["concepts"])
def test_a_word_is_recognised_in_a_text(tag: str) -> None:
    tags = lexicon().tags

    unknown = [word for word in DATA["concepts"][tag] if tag not in tags[word]]
    unread = [
        word
        for word in DATA["concepts"][tag]
        if not read(normalise(f"甲{word}乙"), NOW, "student").tokens and len(word) > 1
    ]

    assert (unknown, unread) == ([], [])


def test_a_suggestion_is_a_command_that_is_understood() -> None:
    labels = {command: understand(command, NOW, "student").intent for command in DATA["suggestions"]}

    assert {command for command, label in labels.items() if label in ("out_of_scope", "no_action")} == set()

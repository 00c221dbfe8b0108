"""Wording: every template is used and compiles, values are made inert, long answers are cut at a line."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest

from messages.envelope import Reply
from messages.render import MORE, ROOM, Renderer, amount, day, hm, split, titles
from programme.programme import Reward
from programme.sessions import Item, Source

ROOT = ROOM.parent
TEMPLATES = sorted(str(path.relative_to(ROOM).with_suffix("")) for path in ROOM.rglob("*.j2"))
PARTS = [name for name in TEMPLATES if Path(name).name.startswith("_")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    environment = Renderer()._environment

    assert environment.get_template(f"{name}.j2").name == f"{name}.j2"


def named_in_code() -> str:
    rooms = ("handlers", "operations", "wiring", "scheduler", "programme", "documents")
    sources = [path.read_text("utf-8") for room in rooms for path in (ROOT / room).rglob("*.py")]
    return "\n".join(
        [*sources, (ROOT / "bot.py").read_text("utf-8"), (ROOT / "config.toml").read_text("utf-8")]
    )


def test_every_template_is_named_somewhere() -> None:
    code = named_in_code()
    families = set(re.findall(r'f"([a-z_]+/[a-z_]*)\{', code))

    unused = [
        name
        for name in TEMPLATES
        if name not in PARTS and name not in code and not any(name.startswith(family) for family in families)
    ]

    assert unused == []


def test_names_cannot_become_links_or_alarms() -> None:
    text = Renderer().render(Reply("guide/welcome", {"name": '<a href="http://x">@all @所有人</a>'}))

    assert "<" not in text
    assert "@all" not in text
    assert "@所有人" not in text


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (day(date(2023, 7, 4)), "7/4（周二）"),
        (hm(time(9, 5)), "09:05"),
        (
            titles((Item("前沿研究分享", "AI+脑科学+安全"), Item(None, "AI 平台", "王教授"))),
            "前沿研究分享《AI+脑科学+安全》；《AI 平台》（王教授）",
        ),
        (titles((Item("小组分享", None),)), "小组分享"),
        (titles((Item(None, None),)), "内容待通知"),
    ],
)
def test_days_hours_and_titles_read_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (800, "元/月", "800 元/月"),
        (400, "每份", "每份 400（通知没有写“元”，按元理解）"),
        (400, None, "400（通知没有写“元”，按元理解）"),
        (None, "另行计算", "另行计算"),
    ],
)
def test_an_amount_says_what_the_notice_left_out(number: int | None, unit: str | None, expected: str) -> None:
    """A19: the notice prints 400 without 元 (L37, L39)."""
    reward = Reward("W", "x", "c", number, unit, None, ("participants",), Source(37, "x"))

    assert amount(reward) == expected


def test_a_printed_currency_is_not_said_to_be_missing() -> None:
    reward = Reward("W", "x", "评为优秀", 500, None, "元", ("participants",), Source(13, "奖励500元"))

    assert amount(reward) == "500 元"


def test_a_long_answer_is_cut_at_a_line_and_nothing_is_lost() -> None:
    lines = [f"第{n}行" + "字" * 20 for n in range(60)]
    text = "\n".join(lines)

    head, rest = split(text, 2000)

    assert len(head.encode()) <= 2000
    assert head.endswith(MORE)
    assert head.removesuffix(f"\n{MORE}").split("\n") + rest.split("\n") == lines


def test_a_single_long_line_is_cut_between_characters() -> None:
    head, rest = split("字" * 1000, 2000)

    assert len(head.encode()) <= 2000
    assert head.removesuffix(f"\n{MORE}") + rest == "字" * 1000


def test_a_page_ends_where_the_template_says_so() -> None:
    first, rest = split("一\n二\n\f三\n\f四", 2000)
    second, last = split(rest, 2000)

    assert (first, second, last) == (f"一\n二\n{MORE}", f"三\n{MORE}", "四")


def test_a_page_too_long_for_a_message_is_cut_and_nothing_of_it_is_lost() -> None:
    page = "\n".join("字" * 20 for _ in range(40))

    head, rest = split(f"{page}\n\f后面", 1000)

    assert len(head.encode()) <= 1000
    assert head.removesuffix(MORE) + rest.replace("\f", "") == f"{page}\n后面"

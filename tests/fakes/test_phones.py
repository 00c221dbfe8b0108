"""What a phone draws: stamps, inert text, links, cards, recalls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.clock import SimulatedClock
from fakes.phones import Card, Phones, card_of, linked


def test_a_stamp_stands_before_the_first_line_and_after_five_quiet_minutes(clock: SimulatedClock) -> None:
    phones = Phones(clock)

    lines = [phones.add("stu001", "own", "一")]
    for minutes in (1, 5, 24 * 60):
        clock.set(clock.now() + timedelta(minutes=minutes))
        lines.append(phones.add("stu001", "own", "又一句"))

    assert [line.stamp for line in lines] == ["7月4日 周二 14:20", "", "14:26", "7月5日 周三 14:26"]


def test_only_new_lines_of_the_phones_asked_for_are_news(clock: SimulatedClock) -> None:
    phones = Phones(clock)
    phones.add("stu001", "own", "早的")
    seen = phones.latest
    phones.add("stu001", "reply", "新的")
    phones.add("stu004", "reply", "别人的")

    assert [line.text for line in phones.since(seen, ["stu001"])] == ["新的"]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("<b>粗</b>", "&lt;b&gt;粗&lt;/b&gt;"),
        (
            '看<a href="https://lab.example/u/1?a=1&b=2">这里</a>。',
            '看<a href="https://lab.example/u/1?a=1&amp;b=2" target="_blank" rel="noopener">这里</a>。',
        ),
        (
            "见 http://127.0.0.1/s/x，谢谢",
            '见 <a href="http://127.0.0.1/s/x" target="_blank" rel="noopener">http://127.0.0.1/s/x</a>，谢谢',
        ),
        ("✅ 好<b>", '<span class="tick">✅</span> 好&lt;b&gt;'),
        (
            '<a href="javascript:alert(1)">点</a>',
            "&lt;a href=&#34;javascript:alert(1)&#34;&gt;点&lt;/a&gt;",
        ),
    ],
)
def test_a_text_is_inert_but_for_links_to_the_web(text: str, html: str) -> None:
    assert linked(text) == html


def test_a_textcard_is_a_title_its_lines_and_a_link() -> None:
    body = {
        "textcard": {
            "title": "周小结",
            "description": '<div class="gray">7月7日</div><div>到场 4 次</div>',
            "url": "https://lab.example/b",
        }
    }

    assert card_of("textcard", body) == Card("周小结", "7月7日\n到场 4 次", url="https://lab.example/b")


def test_a_text_is_no_card() -> None:
    assert card_of("text", {"text": {"content": "你好"}}) is None


def test_a_file_is_named_as_one() -> None:
    assert card_of("file", {"file": {"media_id": "m"}}) == Card("［文件］")

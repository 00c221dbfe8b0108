"""依据 and 更多: about the last answer, and only about one's own."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from handlers.recall import LastAnswer, Recall
from messages.envelope import Capabilities
from messages.render import MORE
from tests.handlers.said import listen, template_of
from tests.house import Talk

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 10, 9, 0, tzinfo=ZONE)
SMALL = Capabilities(text_bytes=400, cards=False, markdown=False, buttons=False)
ORIGINAL = "10 日 下午 14:00 小组分享"


def whole(talk: Talk, text: str) -> list[str]:
    """What *text* brings on a small screen, with 更多 until there is no more."""
    parts = [talk.say("王小明", text, AT) or ""]
    while parts[-1].endswith(MORE):
        parts.append(talk.say("王小明", "更多", AT) or "")
    return parts


def test_a_long_answer_is_cut_to_what_fits_and_the_rest_follows(talk: Talk) -> None:
    uncut = talk.say("王小明", "选题", AT) or ""
    listen(talk, SMALL)

    parts = whole(talk, "选题")

    assert len(parts) == 3
    assert max(len(part.encode()) for part in parts) <= SMALL.text_bytes
    assert "\n".join(part.removesuffix(MORE).rstrip("\n") for part in parts) == uncut
    assert talk.say("王小明", "更多", AT) == "后面没有内容了。"


def test_the_rest_of_quotes_are_quotes(talk: Talk) -> None:
    """R42: 依据 of a whole month is longer than a screen."""
    talk.say("王小明", "7月有什么", AT)
    uncut = talk.say("王小明", "依据", AT) or ""
    listen(talk, SMALL)
    talk.say("王小明", "7月有什么", AT)

    parts = whole(talk, "依据")

    assert len(parts) > 3
    assert "\n".join(part.removesuffix(MORE).rstrip("\n") for part in parts) == uncut


@pytest.mark.parametrize("between", ["依据", "更多"])
def test_the_source_of_the_last_answer_can_be_asked_for_twice(talk: Talk, between: str) -> None:
    """R42: 依据 or 更多 in between are not answers that a source is asked of."""
    talk.say("王小明", "10号几点", AT)
    talk.say("王小明", between, AT)

    assert ORIGINAL in (talk.say("王小明", "依据", AT) or "")


def test_an_answer_that_rests_on_nothing_printed_says_so(talk: Talk) -> None:
    """R42: the rules of the lab are not the notice's."""
    late = talk.say("王小明", "迟到怎么算", AT)

    assert (late or "").endswith("这是本组规定，通知没有写。")
    assert talk.say("王小明", "依据", AT) == (
        "本组规定：\n· 提前15分钟开放签到，开始5分钟后算迟到，30分钟后关闭（通知没有写）"
    )


def test_a_source_is_asked_of_ones_own_last_answer(talk: Talk) -> None:
    talk.say("王小明", "10号几点", AT)

    assert template_of(talk, "赵六", "依据", AT) == "evidence/which"


def test_after_a_restart_it_is_asked_back_which_answer_is_meant(talk: Talk) -> None:
    talk.say("王小明", "10号几点", AT)
    talk.restart()

    assert template_of(talk, "王小明", "依据", AT) == "evidence/which"


def test_the_least_recently_used_accounts_are_forgotten_first() -> None:
    recall = Recall(kept=2)
    for account in ("a", "b", "c"):
        recall.remember("wecom", account, LastAnswer((), account))

    assert [recall.rest("wecom", account) for account in ("a", "b", "c")] == ["", "b", "c"]

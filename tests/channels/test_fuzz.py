"""Properties of the boundary: whatever arrives, it is ok, refused or ignored, and replies stay right."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.channel import Decoded
from channels.crypto import Keyring
from channels.wecom import WeComCallback, sealed_reply
from messages.envelope import Answer
from tests.channels.fuzz import Fuzz, run
from tests.channels.wire import CORP, SEAL, SECONDS, SENT_AT, Request, message, sealed, text
from tests.fuzzing import examples

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
NAMES = st.sampled_from(
    (
        *(
            "MsgType",
            "Event",
            "EventKey",
            "Content",
            "MsgId",
            "CreateTime",
            "FromUserName",
            "ToUserName",
            "AgentID",
        ),
        *(
            "SelectedItems",
            "SelectedItem",
            "OptionIds",
            "OptionId",
            "QuestionKey",
            "PicList",
            "item",
            "Thing",
        ),
    )
)
LEAVES = st.one_of(
    st.sampled_from(["text", "event", "image", "template_card_event", CORP, "1783315800", "0", "-1", ""]),
    ANY_TEXT,
)
FUZZ_REQUESTS = 6_000


def element(name: str, inside: str) -> str:
    return f"<{name}>{inside}</{name}>"


def section(inside: str) -> str:
    return f"<![CDATA[{inside}]]>"


ELEMENTS = st.recursive(
    st.builds(element, NAMES, st.one_of(LEAVES, LEAVES.map(section))),
    lambda inner: st.builds(element, NAMES, st.lists(inner, max_size=3).map("".join)),
    max_leaves=8,
)


@settings(max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ELEMENTS, max_size=6))
def test_an_authentic_message_of_any_shape_gets_a_right_reply_or_none(elements: list[str]) -> None:
    inner = message("<MsgType>event</MsgType>", *elements).encode("utf-8", "surrogatepass")

    assert Fuzz().authentic(sealed(inner)) is None


@settings(max_examples=examples(80), deadline=None)
@given(st.binary(max_size=300))
def test_an_authentic_message_of_any_bytes_gets_a_right_reply_or_none(inner: bytes) -> None:
    assert Fuzz().authentic(sealed(inner)) is None


@settings(max_examples=examples(80), deadline=None)
@given(
    st.dictionaries(st.sampled_from(["msg_signature", "timestamp", "nonce", "x"]), st.text(max_size=50)),
    st.binary(max_size=300),
)
def test_a_stranger_is_refused_whatever_is_sent(query: dict[str, str], body: bytes) -> None:
    assert (
        Fuzz().keyless(Request({k: v.encode("utf-8", "replace").decode() for k, v in query.items()}, body))
        is None
    )


def test_thousands_of_bent_requests_break_nothing() -> None:
    fuzz, number, broken = run(20230704, lambda tried: tried * 3 >= FUZZ_REQUESTS)

    assert broken == []
    assert number == FUZZ_REQUESTS
    # The fuzz would prove little if bent messages were never read.
    assert fuzz.heard > FUZZ_REQUESTS / 20


class Careless(WeComCallback):
    """Puts the text into its section unsplit, as wechatpy does."""

    def encode(self, answer: Answer, decoded: Decoded) -> bytes:
        sender = decoded.inbound.sender
        reply = (
            f"<xml><ToUserName>{sender}</ToUserName><FromUserName>{CORP}</FromUserName><CreateTime>1</CreateTime>"
            f"<MsgType>text</MsgType><Content><![CDATA[{answer.text}]]></Content></xml>"
        )
        return sealed_reply(SEAL, reply.encode(), SECONDS, "1")


def test_the_fuzz_finds_a_reply_that_a_text_broke_out_of() -> None:
    fuzz = Fuzz(Careless(CORP, Keyring(SEAL), lambda: SENT_AT))
    hostile = "x]]></Content><ToUserName>admin</ToUserName><Content><![CDATA["

    harmless = fuzz.authentic(sealed(text("签到")))
    found = fuzz.authentic(sealed(text(hostile.replace("]]>", "]]]]><![CDATA[>"))))

    assert harmless is None
    assert found is not None
    assert found.why.startswith("a wrong reply")

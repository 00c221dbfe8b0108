"""Envelopes bent in every way, and authentic but weird messages; for the suite, and for hours on end.

Run for long with `python -m tests.channels.fuzz --minutes 60 [--seed N]`. It prints each input that
broke the rule (an answer other than 200, 403 or 405, or a reply that is no right one) as its bytes.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from channels.channel import CallbackChannel, Refused
from messages.envelope import Answer, Inbound
from tests.channels.vectors import vectors
from tests.channels.wire import CORP, SEAL, SECONDS, Request, callback, opened, sealed
from tests.web.standins import Boundary
from tests.web.wsgi import Response, request

ALLOWED = frozenset({200, 403})
NASTY = (
    *(
        "]]>",
        "<![CDATA[",
        "<!DOCTYPE x [",
        "<!ENTITY a 'b'>",
        "&a;",
        "&#0;",
        "&#x1f;",
        "<?xml version='1.1'?>",
        "</xml>",
    ),
    *(
        "<xml>",
        "<Encrypt>",
        "</Encrypt>",
        "\x00",
        "\x0b",
        "\ufffe",
        "\ud800",
        "\r\n",
        "签到",
        "\U0001f44d",
        "%00",
        "+",
    ),
    *(
        "<MsgType>event</MsgType>",
        "<FromUserName>x</FromUserName>",
        "<A>" * 20,
        "-1",
        "1e9",
        "9" * 30,
        "",
        " ",
        "\u3000",
    ),
    *(
        "<SelectedItems><SelectedItem/></SelectedItems>",
        "<PicList><item>1</item><item/></PicList>",
        "\\",
        '"',
        "=",
    ),
)
PLAINTEXTS: Sequence[str] = [vector["xml"] for vector in vectors("inbound_wecom_app")]
VALUE = re.compile(r"(?<=\[CDATA\[)((?:[^\]]|\](?!\]>))*)", re.DOTALL)
BODIES: Sequence[bytes] = [
    vector["body"].encode()
    for name in ("encrypted_public", "negative")
    for vector in vectors(name)
    if vector["body"]
]


@dataclass(frozen=True)
class Broken:
    """A request that broke the rule, and how."""

    sent: Request
    why: str


class Fuzz:
    """One boundary whose respond echoes whatever it hears, so that replies carry the hostile text too."""

    def __init__(self, channel: CallbackChannel | None = None) -> None:
        self.boundary = Boundary(channel or callback(agent_id=None))
        self.boundary.respond.says = self._answer
        self._answered: Inbound | None = None
        self.statuses: Counter[int] = Counter()
        self.heard = 0

    def _answer(self, inbound: Inbound) -> Answer:
        self._answered = inbound
        self.heard += 1
        return Answer(f"{inbound.text}{inbound.event_key}{dict(inbound.details)}")

    def keyless(self, sent: Request) -> Broken | None:
        """A request of someone without the key: refused, and heard by no one."""
        response = self._send(sent)
        if response != Response(403, {"Content-Length": "0"}, b""):
            return Broken(sent, f"{response.status} instead of an empty 403")
        return Broken(sent, "reached respond") if self._answered else None

    def authentic(self, sent: Request) -> Broken | None:
        """A request sealed with the key around anything: any of ok, ignore and refuse, and a right reply."""
        response = self._send(sent)
        if response.status not in ALLOWED:
            return Broken(sent, f"status {response.status}")
        if self._answered is None:
            return Broken(sent, "a body for nobody") if response.body else None
        faults = [line for event, line in self.boundary.log.lines if event != "callback"]
        if faults:
            return Broken(sent, f"a defect: {faults}")
        return self._judged(sent, response.body, self._answered)

    def _judged(self, sent: Request, body: bytes, inbound: Inbound) -> Broken | None:
        try:
            reply = opened(body)
        except (Refused, AssertionError) as error:
            return Broken(sent, f"an unreadable reply: {error!r}")
        is_right = (reply.get("ToUserName"), reply.get("FromUserName")) == (inbound.sender, CORP)
        return None if is_right and reply.keys() == REPLY_FIELDS else Broken(sent, f"a wrong reply: {reply}")

    def _send(self, sent: Request) -> Response:
        self._answered = None
        self.boundary.log.lines.clear()
        self.boundary.respond.heard.clear()
        response = request(self.boundary.app, query=sent.query_string, body=sent.body)
        self.statuses[response.status] += 1
        return response


REPLY_FIELDS = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def bent(chance: random.Random, data: bytes) -> bytes:
    """*data* with one to four pieces cut out, doubled, swapped, flipped or put in."""
    for _ in range(chance.randint(1, 4)):
        first = chance.randint(0, len(data))
        last = min(len(data), first + chance.choice((0, 1, 4, 16, 400)))
        piece = data[first:last]
        data = chance.choice(BENDS)(chance, data[:first], piece, data[last:])
    return data[: 1 << 16]


def _flip(chance: random.Random, before: bytes, piece: bytes, after: bytes) -> bytes:
    changed = bytearray(piece)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return before + bytes(changed) + after


def _nasty(chance: random.Random, before: bytes, _piece: bytes, after: bytes) -> bytes:
    return (
        before + chance.choice(NASTY).encode("utf-8", "surrogatepass") * chance.choice((1, 1, 2, 50)) + after
    )


BENDS: tuple[Callable[[random.Random, bytes, bytes, bytes], bytes], ...] = (
    _flip,
    _flip,
    _nasty,
    _nasty,
    lambda _, before, piece, after: before + after,
    lambda _, before, piece, after: before + piece + piece + after,
    lambda _, before, piece, after: after + piece + before,
    lambda chance, before, piece, after: before + chance.randbytes(chance.randint(1, 8)) + piece + after,
)


def stranger(chance: random.Random) -> Request:
    """A request that no key made: a recorded one, bent in body or query, under this app's address."""
    body = chance.choice(BODIES)
    query = {"msg_signature": f"{chance.getrandbits(160):040x}", "timestamp": SECONDS, "nonce": "1672029349"}
    name = chance.choice((*query, "echostr", ""))
    if chance.random() < 0.3:
        query[name] = chance.choice(NASTY).encode("utf-8", "replace").decode()
    return Request(
        query, bent(chance, body) if chance.random() < 0.9 else chance.randbytes(chance.randint(0, 600))
    )


def reworded(chance: random.Random, plain: str) -> bytes:
    """*plain* with the text of one to three elements replaced; it stays XML more often than not."""
    for _ in range(chance.randint(1, 3)):
        value = chance.choice(list(VALUE.finditer(plain)))
        words = "".join(chance.choices(NASTY, k=chance.randint(0, 3)))
        plain = f"{plain[: value.start(1)]}{words}{plain[value.end(1) :]}"
    return plain.encode("utf-8", "surrogatepass")


def insider(chance: random.Random) -> Request:
    """A request sealed with the key around a documented plaintext that was reworded or bent."""
    plain = chance.choice(PLAINTEXTS)
    kind = chance.random()
    if kind < 0.5:
        return sealed(reworded(chance, plain))
    return sealed(bent(chance, plain.encode()) if kind < 0.95 else chance.randbytes(chance.randint(0, 400)))


def forger(chance: random.Random) -> Request:
    """A request with a right signature over a ciphertext that was bent: what a leaked token could make."""
    encrypted = SEAL.close(chance.choice(PLAINTEXTS).encode())
    wrong = bent(chance, encrypted.encode()).decode("utf-8", "replace")
    signature = SEAL.sign(SECONDS, "1672029349", wrong)
    body = f"<xml><Encrypt><![CDATA[{wrong}]]></Encrypt></xml>".encode()
    return Request({"msg_signature": signature, "timestamp": SECONDS, "nonce": "1672029349"}, body)


def run(seed: int, until: Callable[[int], bool]) -> tuple[Fuzz, int, list[Broken]]:
    """Requests made from *seed* until *until* (given their number) says stop."""
    chance, fuzz, number = random.Random(seed), Fuzz(), 0
    broken: list[Broken] = []
    while not until(number):
        number += 1
        found = (
            fuzz.keyless(stranger(chance)),
            fuzz.authentic(insider(chance)),
            fuzz.authentic(forger(chance)),
        )
        broken.extend(one for one in found if one is not None)
    return fuzz, number * 3, broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    fuzz, number, broken = run(options.seed, lambda _: time.monotonic() >= end)
    for one in broken[:20]:
        sys.stdout.write(f"{one.why}\n  query {one.sent.query!r}\n  body {one.sent.body!r}\n")
    sys.stdout.write(
        f"seed {options.seed}: {number} requests, {fuzz.heard} heard, "
        f"statuses {dict(fuzz.statuses)}, {len(broken)} broke the rule\n"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())

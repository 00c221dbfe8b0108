"""The load: a process of its own that seals callbacks, sends them and opens and checks every reply.

`python -m bench.client` takes one job a line on standard input (JSON), says "ready", waits for a line,
sends, says {"seconds", "p50_ms", "p99_ms"}, then checks the replies and says {"errors"}.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from bench.scene import IDENTITY, account_of
from fakes.sealing import BadReply, open_reply, seal

PATH = "/wecom/callback"
STALLED_AFTER_S = 30.0


@dataclass(frozen=True)
class Job:
    """*text* from the accounts *first* … *first* + *count* − 1, each with its own message id.

    *expects* must stand in each reply (an echo's reply must equal *text*). *is_repeat* sends the
    requests of the job before once more and wants the same texts word for word.
    """

    port: int
    first: int
    count: int
    first_id: int
    text: str
    expects: str
    created_at: int
    connections: int = 16
    is_echo: bool = False
    is_repeat: bool = False


@dataclass(frozen=True)
class Request:
    sender: str
    data: bytes


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    seconds: float


def sealed_requests(job: Job) -> list[Request]:
    return [_sealed(job, job.first + number, job.first_id + number) for number in range(job.count)]


def _sealed(job: Job, number: int, message_id: int) -> Request:
    sender = account_of(number)
    clear = (
        f"<xml><ToUserName><![CDATA[{IDENTITY.corp_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName><CreateTime>{job.created_at}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{job.text}]]></Content>"
        f"<MsgId>{message_id}</MsgId><AgentID>{IDENTITY.agent_id}</AgentID></xml>"
    )
    sealed = seal(IDENTITY, clear, str(job.created_at), f"nonce{message_id}")
    head = (
        f"POST {PATH}?{urlencode(sealed.query)} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n"
        f"Content-Type: text/xml\r\nContent-Length: {len(sealed.body)}\r\n\r\n"
    )
    return Request(sender, head.encode() + sealed.body)


class Connection:
    """One keep-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = -1
        self._sent_at = 0.0
        self._received = b""

    def send(self, number: int, data: bytes) -> None:
        self.number, self._received = number, b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> Response | None:
        """The response once it is complete. Raises ConnectionError when the server hangs up."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed a keep-alive connection")
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if not lengths or len(body) < int(lengths[0].partition(b":")[2]):
            return None
        return Response(int(head.split(b" ", 2)[1]), body, time.perf_counter() - self._sent_at)


def drive(port: int, requests: list[Request], connections: int) -> tuple[list[Response], float]:
    """Send *requests* in order over keep-alive *connections*; the responses and the seconds it took."""
    responses: dict[int, Response] = {}
    waiting = iter(enumerate(requests))
    opened = [Connection(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        started = time.perf_counter()
        for connection, (number, request) in zip(opened, waiting, strict=False):
            connection.send(number, request.data)
        while len(responses) < len(requests):
            ready = selector.select(STALLED_AFTER_S)
            if not ready:
                raise TimeoutError(f"no reply within {STALLED_AFTER_S} s")
            for key, _ in ready:
                connection = key.data
                response = connection.receive()
                if response is None:
                    continue
                responses[connection.number] = response
                if following := next(waiting, None):
                    connection.send(following[0], following[1].data)
        seconds = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    return [responses[number] for number in range(len(requests))], seconds


def texts_of(requests: list[Request], responses: list[Response]) -> tuple[list[str], list[str]]:
    """What each reply says ("" where it is wrong), and what is wrong, a line each."""
    texts: list[str] = []
    errors: list[str] = []
    for request, response in zip(requests, responses, strict=True):
        text = ""
        if response.status != 200:
            errors.append(f"{request.sender}: HTTP {response.status}")
        else:
            try:
                text = open_reply(IDENTITY, response.body, request.sender).text or ""
            except BadReply as error:
                errors.append(f"{request.sender}: {error}")
        texts.append(text)
    return texts, errors


def wrong_texts(job: Job, requests: list[Request], texts: list[str], before: list[str]) -> list[str]:
    """A line for each reply that says something else than the job expects."""
    if job.is_echo:
        is_right = [text == job.text for text in texts]
    elif job.is_repeat:
        is_right = [text == first for text, first in zip(texts, before, strict=True)]
    else:
        is_right = [job.expects in text for text in texts]
    rows = zip(requests, texts, is_right, strict=True)
    return [f"{request.sender}: {text!r}" for request, text, right in rows if not right]


def main() -> None:
    kept: tuple[list[Request], list[str]] = ([], [])  # the product's last job, for is_repeat
    for line in sys.stdin:
        job = Job(**json.loads(line))
        before = kept[1]
        requests = kept[0] if job.is_repeat and not job.is_echo else sealed_requests(job)
        _say("ready")
        sys.stdin.readline()
        responses, seconds = drive(job.port, requests, job.connections)
        took = sorted(response.seconds * 1000 for response in responses)
        p50, p99 = took[len(took) // 2], took[min(len(took) - 1, len(took) * 99 // 100)]
        _say(json.dumps({"seconds": seconds, "p50_ms": p50, "p99_ms": p99}))
        texts, errors = texts_of(requests, responses)
        errors += wrong_texts(job, requests, texts, before)
        if not job.is_echo:
            kept = (requests, texts)
        _say(json.dumps({"errors": errors[:5], "count": len(errors)}))


def job_line(job: Job) -> str:
    return json.dumps(asdict(job))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()

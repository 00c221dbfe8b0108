"""The HTTP face of the fake WeCom: /cgi-bin/…, with the fault menu in front of and behind the work."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath

from flask import Blueprint, Response, request

from fakes.faults import FAULTS, PAGE
from fakes.payloads import ApiError, Json
from fakes.platform import FakeWeCom

SLOW_S = 3.0
HUGE_BYTES = 200 << 20
HINT = "hint: [1688000000_1_fake], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query"
Work = Callable[[], "Json | Response"]


def api_blueprint(platform: FakeWeCom, pause: Callable[[float], None] = time.sleep) -> Blueprint:
    """A blueprint with the calls of a self-built app. *pause* waits for the fault "delay"."""
    blueprint = Blueprint("fake_wecom_api", __name__, url_prefix="/cgi-bin")
    face = _Face(platform, pause)

    def route(
        path: str, method: str, work: Work, *, with_token: bool = True, is_send: bool | None = None
    ) -> None:
        blueprint.add_url_rule(
            f"/{path}",
            endpoint=path.replace("/", "_"),
            view_func=lambda: face.answer(path, work, with_token=with_token, is_send=is_send),
            methods=[method],
        )

    route("gettoken", "GET", lambda: _token(platform), with_token=False)
    route("message/send", "POST", lambda: platform.send(request.get_data()))
    route(
        "webhook/send",
        "POST",
        lambda: platform.say(_argument("key"), request.get_data()),
        with_token=False,
        is_send=True,
    )
    route("message/recall", "POST", lambda: platform.recall(request.get_data()))
    route("message/update_template_card", "POST", lambda: platform.update_card(request.get_data()))
    route("media/upload", "POST", lambda: _upload(platform))
    route("media/get", "GET", lambda: _media(platform))
    route("user/get", "GET", lambda: platform.user(_argument("userid")))
    route("menu/create", "POST", lambda: platform.create_menu(_argument("agentid"), request.get_data()))
    route("menu/get", "GET", lambda: platform.get_menu(_argument("agentid")))
    route("menu/delete", "GET", lambda: platform.delete_menu(_argument("agentid")))
    route("agent/get", "GET", lambda: platform.agent(_argument("agentid")))
    route("getcallbackip", "GET", lambda: {"ip_list": ["127.0.0.1"]})
    route("get_api_domain_ip", "GET", lambda: {"ip_list": ["127.0.0.1"]})
    return blueprint


class _Face:
    """One call: faults that strike instead of the work, the work, faults that spoil its answer."""

    def __init__(self, platform: FakeWeCom, pause: Callable[[float], None]) -> None:
        self._platform = platform
        self._pause = pause

    def answer(self, path: str, work: Work, *, with_token: bool, is_send: bool | None = None) -> Response:
        at = self._platform.clock.now().timestamp()
        met = self._platform.faults.take(is_token_call=not (is_send or with_token), at=at)
        if "delay" in met:
            self._pause(SLOW_S)
        instead = next((name for name in met if FAULTS[name].before), None)
        if instead is not None:
            self._platform.record(path, FAULTS[instead].errcode)
            return _instead(instead)
        done = self._work(work, with_token=with_token, met=met)
        if isinstance(done, Response):
            self._platform.record(path, 0)
            return done
        self._platform.record(path, int(str(done["errcode"])))
        return _spoilt(done, met)

    def _work(self, work: Work, *, with_token: bool, met: tuple[str, ...]) -> dict[str, object] | Response:
        try:
            if with_token:
                self._platform.check_token(request.args.get("access_token"))
            done = (
                self._half_invalid() if "some_invalid" in met and request.path.endswith("/send") else work()
            )
        except ApiError as error:
            return _error(error.errcode, error.errmsg, error.extra)
        if isinstance(done, Response):
            return done
        return {"errcode": 0, "errmsg": "ok", **done}

    def _half_invalid(self) -> Json:
        return self._platform.send(request.get_data(), half_invalid=True)


def _token(platform: FakeWeCom) -> Json:
    return platform.get_token(_argument("corpid"), _argument("corpsecret"))


def _upload(platform: FakeWeCom) -> Json:
    part = request.files.get("media")
    if part is None or not part.filename:
        raise ApiError(44001, "empty media data")
    # RFC 2231 names (filename*=) are refused or garbled by the real platform.
    if "filename*" in part.headers.get("Content-Disposition", ""):
        raise ApiError(40058, "invalid parameter: filename")
    return platform.upload(_argument("type"), part.filename, part.read())


def _media(platform: FakeWeCom) -> Response:
    media = platform.media(_argument("media_id"))
    disposition = f'attachment; filename="{media.media_id}{PurePath(media.name).suffix}"'
    return Response(
        media.content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": disposition},
    )


def _argument(name: str) -> str:
    return request.args.get(name, "")


def _error(errcode: int, errmsg: str, extra: Mapping[str, str] | None = None) -> dict[str, object]:
    return {"errcode": errcode, "errmsg": f"{errmsg}, {HINT}?e={errcode}", **(extra or {})}


def _instead(name: str) -> Response:
    fault = FAULTS[name]
    if fault.errcode is not None:
        return _json(_error(fault.errcode, fault.errmsg))
    if name == "closed":
        return _dropped(b"")
    status = {"http_500": 500, "http_502": 502, "html_200": 200}[name]
    return Response(PAGE, status=status, content_type="text/html")


def _spoilt(answer: dict[str, object], met: tuple[str, ...]) -> Response:
    if "string_errcode" in met:
        answer = {**answer, "errcode": str(answer["errcode"])}
    if "negative_expiry" in met and "expires_in" in answer:
        answer = {**answer, "expires_in": -7200}
    whole = json.dumps(answer, ensure_ascii=False).encode()
    if "closed_after" in met:
        return _dropped(b"")
    if "cut_body" in met:
        return _dropped(whole[: len(whole) // 2])
    if "truncated_json" in met:
        return Response(whole[: len(whole) // 2], content_type="application/json; charset=UTF-8")
    if "huge_answer" in met:
        return Response(_huge(), content_type="application/json; charset=UTF-8")
    return _json(answer)


def _json(answer: Json) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json; charset=UTF-8")


def _dropped(before: bytes) -> Response:
    """An answer that ends in a lost connection: the server closes without (the rest of) the answer."""
    # werkzeug's server would keep the connection open and the client waiting; granian resets it by itself.
    connection: socket.socket | None = request.environ.get("werkzeug.socket")

    def body() -> Iterator[bytes]:
        if before:
            yield before
        if connection is not None:
            connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError("fault of the fake platform: the connection is dropped")

    return Response(body(), headers={"Content-Length": "2000"})


def _huge() -> Iterator[bytes]:
    yield b'{"errcode":0,"errmsg":"'
    for _ in range(HUGE_BYTES >> 20):
        yield b"x" * (1 << 20)
    yield b'"}'

"""The page /simulator: several phones, the clock, the wire, the switches for faults; and 收件表."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from fakes.clock import in_shanghai
from fakes.delivery import Field
from fakes.faults import FAULTS
from fakes.phones import day
from fakes.received import in_order, received, stamp, words
from fakes.walk import Backwards, Busy

if TYPE_CHECKING:
    from fakes.demo import DemoPlatform

# Long enough for the answer to be on the page with the tap itself, short enough for a bot that hangs.
ANSWER_WITHIN_S = 0.8
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Messages that are not text: kind on the button → type, what the bubble shows, the platform's fields.
OTHERS: Mapping[str, tuple[str, str, Mapping[str, Field]]] = {
    "picture": ("image", "［图片］", {"PicUrl": "http://127.0.0.1/p.jpg", "MediaId": "demo-picture"}),
    "voice": ("voice", "［语音］3″", {"MediaId": "demo-voice", "Format": "amr"}),
    "place": (
        "location",
        "［位置］实验楼",
        {
            "Location_X": "23.134521",
            "Location_Y": "113.358803",
            "Scale": "15",
            "Label": "实验楼",
            "AppType": "wxwork",
        },
    ),
    "sticker": ("hologram", "［动画表情］", {}),
}


def simulator_blueprint(demo: DemoPlatform) -> Blueprint:
    """The page and what it calls. State changes ask for JSON, which no foreign page can send unasked."""
    blueprint = Blueprint(
        "simulator",
        __name__,
        url_prefix="/simulator",
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    page = _Page(demo)
    blueprint.add_url_rule("", view_func=page.show, endpoint="page", strict_slashes=False)
    blueprint.add_url_rule("/news", view_func=page.news, endpoint="news")
    blueprint.add_url_rule("/camera", view_func=page.camera, endpoint="camera")
    blueprint.add_url_rule("/received", view_func=page.received, endpoint="received")
    for name, view in page.actions().items():
        blueprint.add_url_rule(f"/{name}", view_func=view, endpoint=name, methods=["POST"])
    blueprint.after_request(_with_headers)
    blueprint.register_error_handler(HTTPException, _problem)
    return blueprint


class _Page:
    def __init__(self, demo: DemoPlatform) -> None:
        self._demo = demo

    def actions(self) -> Mapping[str, Any]:
        return {
            "enter": self.enter,
            "send": self.send,
            "other": self.other,
            "tap": self.tap,
            "press": self.press,
            "clock": self.move_clock,
            "quirks": self.set_quirks,
            "fault": self.switch_fault,
        }

    # Reading

    def show(self) -> str:
        """The whole page; ?phones=a,b names the phones, which keeps them over a reload."""
        demo = self._demo
        shown = self._phones()
        return render_template(
            "simulator/page.html",
            phones=[demo.member(userid) for userid in shown],
            everybody=[demo.member(userid) for userid in demo.members],
            menu=(demo.wecom.menu or {}).get("button", ()),
            faults=FAULTS,
            switched_on=demo.wecom.faults.on(),
            quirks=demo.quirks,
            can_walk=demo.walk is not None,
            now=in_shanghai(demo.clock.now()),
            month=in_shanghai(demo.clock.now()).month,
        )

    def received(self) -> str:
        """收件表: every push by person and minute; ?who= shows one person's in full."""
        demo, found = self._demo, received(self._demo.phones.pushed())
        who = request.args.get("who", "")
        if who and who not in demo.members:
            abort(404, "没有这个人")
        return render_template(
            "simulator/received.html",
            found=found,
            everybody=[demo.member(userid) for userid in in_order(tuple(demo.members), found)],
            who=who,
            person=demo.member(who) if who else None,
            mine=found.of(who),
            stamp=stamp,
            words=words,
            now=in_shanghai(demo.clock.now()),
        )

    def camera(self) -> Response:
        """What a camera in the room would read now; "" where no QR code is shown."""
        return jsonify(sees=self._demo.camera())

    def news(self) -> Response:
        """What has changed since ?after=, as ready pieces of HTML."""
        demo = self._demo
        latest = demo.phones.latest
        lines = demo.phones.since(request.args.get("after", -1, type=int), self._phones())
        count, exchange = demo.last_exchange()
        known = request.args.get("exchange", -1, type=int)
        return jsonify(
            after=latest,
            clock=self._clock(),
            waiting=demo.waiting(),
            faults=demo.wecom.faults.on(),
            lines=[
                {
                    "phone": line.userid,
                    "id": f"line-{line.number}",
                    "kind": line.kind,
                    "html": render_template(
                        "simulator/line.html", line=line, member=demo.member(line.userid)
                    ),
                }
                for line in lines
            ],
            exchange=count,
            wire=render_template("simulator/wire.html", exchange=exchange)
            if exchange and count != known
            else None,
        )

    # Phones

    def enter(self) -> Response:
        return self._answered(self._demo.event(self._userid(), "enter_agent"))

    def send(self) -> Response:
        text = self._text("text").strip()
        if not text:
            abort(400, "没有写字")
        return self._answered(self._demo.type(self._userid(), text))

    def other(self) -> Response:
        msg_type, shown, fields = OTHERS.get(self._text("kind")) or abort(404)
        return self._answered(self._demo.send_other(self._userid(), msg_type, shown, fields))

    def tap(self) -> Response:
        """A menu button, named by its place: "1" or "1.0"."""
        button = self._button(self._text("place"))
        kind, key = str(button.get("type", "")), str(button.get("key", button.get("url", "")))
        fields: dict[str, Field] = {}
        if kind.startswith("scancode"):
            fields["ScanCodeInfo"] = {"ScanType": "qrcode", "ScanResult": self._text("scanned")}
        return self._answered(self._demo.event(self._userid(), kind, key, fields))

    def press(self) -> Response:
        number = self._body().get("line")
        line = self._demo.phones.line(number) if isinstance(number, int) else None
        if line is None or line.card is None or line.userid != self._userid():
            abort(404)
        return self._answered(self._demo.press(line, self._text("key")))

    # The clock and the switches

    def move_clock(self) -> Response:
        walk = self._demo.walk
        if walk is None:
            abort(409, "没有接上日程，时钟只能自己走")
        action = self._text("action")
        try:
            if action == "next" and walk.to_next() is None:
                abort(409, "后面没有事了")
            if action == "hour":
                walk.forward(timedelta(hours=1))
            if action == "to":
                walk.to(self._time("to"))
            if action == "play":
                walk.play(self._demo.play_until())
            if action == "stop":
                walk.stop()
        except Busy:
            abort(409, "时钟正在走，请等一下或先按停止")
        except Backwards:
            abort(409, "演示的时钟只能向前")
        return jsonify(clock=self._clock())

    def set_quirks(self) -> Response:
        body = self._body()
        delay = body.get("delay_s", 0)
        self._demo.set_quirks(
            replace(
                self._demo.quirks,
                twice=body.get("twice") is True,
                at_once=body.get("at_once") is True,
                foreign=body.get("foreign") is True,
                down=body.get("down") is True,
                delay_s=delay if isinstance(delay, int) and 0 <= delay <= 10 else 0,
            )
        )
        return jsonify(ok=True)

    def switch_fault(self) -> Response:
        name = self._text("name")
        if name not in FAULTS:
            abort(404, "菜单上没有这个故障")
        faults = self._demo.wecom.faults
        if self._body().get("on") is True:
            faults.switch_on(name, at=self._demo.clock.now().timestamp())
        else:
            faults.switch_off(name)
        return jsonify(faults=faults.on())

    # Pieces

    def _clock(self) -> Mapping[str, object]:
        now = in_shanghai(self._demo.clock.now())
        walk = self._demo.walk
        upcoming = walk.next_at() if walk is not None else None
        return {
            "date": f"{now.year}年{day(now)}",
            "time": f"{now:%H:%M:%S}",
            "iso": f"{now:%Y-%m-%dT%H:%M}",
            "next": f"下一件事：{day(upcoming)} {upcoming:%H:%M}" if upcoming else "后面没有安排的事",
            "playing": walk is not None and walk.playing,
        }

    def _answered(self, delivered: Future[None]) -> Response:
        """Wait a moment for the answer, so that it is there when the page asks for news."""
        try:
            delivered.result(ANSWER_WITHIN_S)
        except NotYet:
            return jsonify(answered=False)
        return jsonify(answered=True)

    def _phones(self) -> list[str]:
        wanted = [
            userid for userid in request.args.get("phones", "").split(",") if userid in self._demo.members
        ]
        return list(dict.fromkeys(wanted)) or list(self._demo.shown)

    def _button(self, place: str) -> Mapping[str, object]:
        buttons: Any = (self._demo.wecom.menu or {}).get("button", ())
        found: Any = {"sub_button": buttons}
        for step in place.split("."):
            children = found.get("sub_button") or ()
            if not step.isdigit() or int(step) >= len(children):
                abort(404, "菜单已经变了，请刷新")
            found = children[int(step)]
        if not isinstance(found, Mapping) or "type" not in found:
            abort(404, "这个菜单只有子菜单")
        return found

    def _body(self) -> Mapping[str, object]:
        body = request.get_json()
        return body if isinstance(body, Mapping) else abort(400, "要一个 JSON 对象")

    def _text(self, name: str) -> str:
        value = self._body().get(name)
        return value if isinstance(value, str) else abort(400, f"缺少 {name}")

    def _userid(self) -> str:
        userid = self._text("userid")
        return userid if userid in self._demo.members else abort(404, "没有这个人")

    def _time(self, name: str) -> datetime:
        try:
            return in_shanghai(datetime.fromisoformat(self._text(name)))
        except ValueError:
            abort(400, "时间要写成 2023-07-04T14:20")


def _problem(error: Exception) -> tuple[Response, int]:
    """What the page shows in its note; *error* is an HTTPException."""
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    return jsonify(problem=getattr(error, "description", "")), code


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response

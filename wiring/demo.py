"""`demo`: the whole product over the sample programme, with a fake WeCom and a simulated clock."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from channels.channel import Delivery, PushChannel
from channels.wecom_api import WeComGateway
from config import Settings, load
from fakes.clock import SimulatedClock
from fakes.demo import DemoPlatform
from fakes.platform import FakeWeCom
from handlers.links import SCREEN, seal
from handlers.respond import Clocks
from handlers.screen import Screens, ScreenView
from messages.envelope import Reply
from operations import notice_import, roster_import
from operations.china_days import known_days
from programme.attendance import Proof
from scheduler.catch_up import Uptime
from scheduler.clock import Ticker
from storage import checkins, gaps
from storage.gaps import Mark
from wiring.application import Application, assemble, everybody, real_time, web, wecom_callback, wecom_gateway
from wiring.handing_in import examining
from wiring.log import start_log
from wiring.scheduling import beat, next_moment, scheduling
from wiring.server import begin
from wiring.supervisor import Demo

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = Path(__file__).parent.parent
MACHINE = "demo"


def demo_worker(port: int, demo: Demo) -> WSGIApplication:
    """`serve` over the sample programme, a simulated clock and a fake WeCom in the same process."""
    base = f"http://127.0.0.1:{port}"
    settings = demo_settings(base, demo.data)
    log = start_log(settings)
    clock = SimulatedClock(demo.start, 0)
    app = assemble(settings, secrets.token_bytes(32), Clocks(clock.now, real_time))
    begins_at = load_samples(app, clock.now())
    people = {a.account: p for p in everybody(app) for a in app.snapshot.accounts_of(p.person_id)}
    gateway = wecom_gateway(settings, app.database)
    tick, _ = scheduling(
        app,
        {"wecom": gateway},
        settings.programme.gap_after,
        uptime=lambda: Uptime(MACHINE, clock.now().timestamp()),
    )
    leaping = Leaping(app, tick, lambda: platform.quirks.down)
    held = settings.wecom_secrets
    assert held is not None  # noqa: S101 - demo_settings() gives them
    platform = DemoPlatform(
        f"{base}/wecom/callback",
        settings.wecom.corp_id,
        settings.wecom.agent_id or 0,
        held.token.get_secret_value(),
        held.aes_key.get_secret_value(),
        {account: person.name for account, person in people.items()},
        clock,
        secret=held.secret.get_secret_value(),
        roles={
            account: app.renderer.render(Reply("operator/role", {"person": p}))
            for account, p in people.items()
        },
        shown=DEMO_PHONES,
        next_event=lambda: next_moment(app, clock.now()),
        tick=lambda: leaping(clock.now()),
        menu=menu_of(app.setup.checkin.proof),
        camera=lambda: camera(app),
    )
    live_through(app, clock, begins_at, demo.start, AtOnce(gateway, platform.wecom))
    clock.run_at(demo.speed)
    ticker = Ticker(beat(app, leaping), clock.now, app.setup.zone, work=examining(app, MACHINE))
    app.closing.append(platform.close)
    app.closed.append(log.flush)
    begin(app, ticker, tick)
    return web(
        app,
        {"/wecom/callback": wecom_callback(settings, clock.now)},
        ticker,
        log,
        [platform.blueprint()],
        free=("/simulator", "/cgi-bin/"),
    )


class Leaping:
    """The tick under a clock that leaps: a leap is no stop, unless the page has stopped the bot."""

    def __init__(
        self, app: Application, tick: Callable[[datetime], object], is_down: Callable[[], bool]
    ) -> None:
        self._app = app
        self._tick = tick
        self._is_down = is_down
        self._was_down = False
        self._one_at_a_time = threading.Lock()

    def __call__(self, now: datetime) -> None:
        with self._one_at_a_time:
            if self._is_down():
                self._was_down = True
                return
            if not self._was_down:
                mark = Mark(now, MACHINE, int(now.timestamp()))
                self._app.database.write(partial(gaps.set_mark, mark=mark))
            self._was_down = False
            self._tick(now)


class AtOnce:
    """The gateway's requests, put on the phones without a server: there is none yet when a demo begins."""

    def __init__(self, gateway: WeComGateway, platform: FakeWeCom) -> None:
        self.name = gateway.name
        self.capabilities = gateway.capabilities
        self._gateway = gateway
        self._platform = platform

    def text_body(self, recipients: tuple[str, ...], text: str) -> bytes:
        return self._gateway.text_body(recipients, text)

    def send(self, body: bytes) -> Delivery:
        self._platform.send(body)
        return Delivery("delivered", 0)


def live_through(
    app: Application, clock: SimulatedClock, begins_at: datetime, until: datetime, channel: PushChannel
) -> None:
    """What happened before the demo's moment, so that 收件表 holds the whole month: event by event."""
    tick, _ = scheduling(app, {channel.name: channel})
    clock.set(min(begins_at, until))
    tick(clock.now())
    while (upcoming := next_moment(app, clock.now())) is not None and upcoming < until:
        clock.set(upcoming)
        tick(clock.now())
    tick.release()
    clock.set(until)


DEMO_PHONES = ("stu001", "stu009", "lead01", "admin01")
MENU: dict[str, object] = {
    "button": [
        {"type": "click", "name": "签到", "key": "签到"},
        {
            "name": "安排",
            "sub_button": [
                {"type": "click", "name": "今天", "key": "今天有什么"},
                {"type": "click", "name": "本周分享主题", "key": "本周分享主题"},
                {"type": "click", "name": "下周", "key": "下周有什么"},
                {"type": "click", "name": "交报告", "key": "交报告"},
            ],
        },
        {
            "name": "更多",
            "sub_button": [
                {"type": "click", "name": "选题", "key": "选题"},
                {"type": "click", "name": "我的", "key": "我的"},
                {"type": "click", "name": "要求", "key": "有什么要求"},
                {"type": "click", "name": "补贴", "key": "有什么补贴"},
                {"type": "click", "name": "帮助", "key": "帮助"},
            ],
        },
    ]
}


def menu_of(proof: Proof) -> dict[str, object]:
    """The first button opens the camera where the screen shows a QR code."""
    if proof != "qr":
        return MENU
    scan = {"type": "scancode_waitmsg", "name": "扫码签到", "key": "扫码签到"}
    return {"button": [scan, *MENU["button"][1:]]}  # type: ignore[index]  # our own table above


def camera(app: Application) -> str:
    """What a phone in the room reads: the QR code of the screen that is open now; "" without one."""
    screens = Screens(app.database, app.snapshot, app.setup, app.clocks.moment, app.clocks.now)
    expires_at = app.clocks.moment() + timedelta(minutes=1)
    for programme_id in app.snapshot.programme_ids():
        programme = app.snapshot.programme(programme_id)
        for occurrence in programme.occurrences if programme else ():
            if not app.database.read(
                partial(checkins.screen_opened_at, occurrence_id=occurrence.occurrence_id)
            ):
                continue
            token = seal(app.setup.signing_key, SCREEN, occurrence.occurrence_id, expires_at)
            view = screens.view(token)
            if isinstance(view, ScreenView) and view.qr:
                return view.qr
    return ""


def demo_settings(base: str, data: Path) -> Settings:
    """The shipped config.toml with a made-up WeCom on this machine; nothing of it is a real secret."""
    made_up = {
        "QIYUE_WECOM__ENABLED": "true",
        "QIYUE_WECOM__CORP_ID": "ww00000000000demo0",
        "QIYUE_WECOM__AGENT_ID": "1000007",
        "QIYUE_WECOM__API_BASE": base,
        "QIYUE_SERVER__PUBLIC_URL": base,
        "QIYUE_STORAGE__URL": f"sqlite:///{data / 'qiyue.db'}",
        "QIYUE_STORAGE__UPLOADS": str(data / "uploads"),
        "QIYUE_CHECKIN__PROOF": os.environ.get("QIYUE_CHECKIN__PROOF", "none"),
        "QIYUE_LOG__LEVEL": "warning",
        "QIYUE_WECOM_SECRET": secrets.token_urlsafe(24),
        "QIYUE_WECOM_TOKEN": secrets.token_hex(12),
        "QIYUE_WECOM_AES_KEY": "".join(secrets.choice("ABCDEFGHJKMNPQRSTUVWXYZ23456789") for _ in range(43)),
    }
    return load(ROOT / "config.toml", made_up)


def load_samples(app: Application, at: datetime) -> datetime:
    """The sample notice and roster, read by the same code as `import` and `roster`; two days before the
    first session, by when nothing was due yet."""
    notice = notice_import.read_notice(ROOT / "samples" / "notice.txt", at.year)
    programme = notice_import.programme_of(notice, {}, known_days())
    notice_import.store(app.database, programme, at, is_confirmed=False)
    roster = roster_import.read_roster(ROOT / "samples" / "roster.csv", programme.programme_id)
    assert not isinstance(roster, tuple)  # noqa: S101 - the sample roster has no problem (a test says so)
    roster_import.store(
        app.database, programme.programme_id, roster, at, app.setup.signing_key, secrets.token_bytes
    )
    app.snapshot.refresh(app.database)
    return datetime.combine(programme.first_date - timedelta(days=2), time(12), app.setup.zone)

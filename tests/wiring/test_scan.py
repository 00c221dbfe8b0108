"""A scan through the sealed callback of the fake platform, as WeCom would send it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config import load
from fakes.clock import SimulatedClock
from fakes.delivery import TWICE_AT_ONCE, CallbackDelivery
from fakes.transport import WsgiTransport
from handlers.links import qr_link
from handlers.respond import Clocks
from programme.grid import step_of
from scheduler.clock import Ticker
from storage import checkins
from tests.house import KEY, ROOT, furnish, settings_in
from tests.wiring.running import IDENTITY, environment
from wiring.application import assemble, web, wecom_callback
from wiring.log import start_log

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2023, 7, 4, 14, 26, tzinfo=ZONE)


def test_a_scan_through_the_callback_checks_in_once_however_often_it_is_delivered(tmp_path: Path) -> None:
    """C12: three deliveries, one effect, the same answer."""
    env = environment(tmp_path, **settings_in(tmp_path), QIYUE_CHECKIN__PROOF="qr")
    settings = load(ROOT / "config.toml", env)
    clock = SimulatedClock(AT, speed=0)
    app = assemble(settings, KEY, Clocks(clock.now, clock.now))
    furnish(app)
    log = start_log(settings)
    callbacks = {"/wecom/callback": wecom_callback(settings, clock.now)}
    served = web(app, callbacks, Ticker(lambda _now: None, clock.now, ZONE), log)
    platform = CallbackDelivery(IDENTITY, WsgiTransport(served), clock, retries=0)
    occurrence = f"{app.snapshot.programme_ids()[0]}:S02"
    platform.text("lead01", "开始签到")
    seen = qr_link(app.setup.public_url, KEY, occurrence, step_of(AT, 20))

    first = platform.scan("stu001", "扫码签到", seen)
    again = platform.deliver(first.plaintext, TWICE_AT_ONCE)

    rows = app.database.read(lambda tx: checkins.of_occurrence(tx, occurrence))
    app.close()
    log.flush()
    assert (first.text or "").startswith("✅ 14:26 已签到")
    assert again.text == first.text
    assert [(row.state, row.proof) for row in rows] == [("present", "qr")]

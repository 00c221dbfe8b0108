"""The simulator in a real browser: several phones, the clock, the wire, the faults; wide and narrow."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from fakes.clock import SHANGHAI, SimulatedClock
from fakes.demo import DemoPlatform
from fakes.sealing import AppIdentity
from fakes.server import serving
from fakes.transport import WsgiTransport
from tests.browser import chromium
from tests.fakes.standin import AGENT, CORP, StandIn

WIDE, NARROW = (1440, 900), (375, 800)
MEMBERS = {
    "stu001": "王小明",
    "stu004": "李四",
    "lead01": "李老师",
    "admin01": "张老师",
    "stu006": "周九",
}
ROLES = {
    "stu001": "研0 · 视频压缩组",
    "stu004": "研0 · 三维重建组",
    "lead01": "项目负责人",
    "admin01": "管理员",
    "stu006": "研2 · 脑科学组",
}
WEEK = (
    "本周（7月3日—7月9日）\n"
    "周一 7月3日 14:30 小组例会\n"
    "周二 7月4日 14:30 科研论文写作\n"
    "周四 7月6日 下午（具体时间待定） 三维重建技术\n"
    "周五 7月7日 14:30 科研申请\n"
    "回复「周四」看某一天，回复「依据」看通知原文。"
)
MENU = {
    "button": [
        {"type": "click", "name": "签到", "key": "checkin"},
        {
            "name": "日程",
            "sub_button": [
                {"type": "click", "name": "本周", "key": "week"},
                {"type": "scancode_waitmsg", "name": "扫码签到", "key": "scan"},
                {"type": "view", "name": "看板", "url": "http://127.0.0.1:9/board"},
            ],
        },
        {"type": "click", "name": "我的", "key": "mine"},
    ]
}


@dataclass
class World:
    """The simulator being served, with a stand-in for the bot and three events to come."""

    url: str
    demo: DemoPlatform
    bot: StandIn
    ticks: list[datetime] = field(default_factory=list)

    def push(self, to: str, text: str) -> None:
        body = f'{{"touser":"{to}","agentid":{AGENT},"msgtype":"text","text":{{"content":"{text}"}}}}'
        self.demo.wecom.send(body.encode())


def answer(message: ElementTree.Element) -> str:
    text, event = message.findtext("Content") or "", message.findtext("Event") or ""
    if event == "enter_agent":
        return ""
    if event == "scancode_waitmsg":
        return f"扫到了：{message.findtext('ScanCodeInfo/ScanResult')}"
    known = {
        "本周": WEEK,
        "week": WEEK,
        "签到": "王小明，已签到《科研论文写作》（14:25）。",
        "checkin": "王小明，已签到《科研论文写作》（14:25）。",
        "交报告": '上传页：<a href="http://127.0.0.1:9/u/abc">点这里交报告</a>，2 小时内有效。',
    }
    said = text or message.findtext("EventKey") or message.findtext("MsgType") or ""
    return known.get(said, f"没听懂「{said}」。可以回复：本周、签到、选题。")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def world(identity: AppIdentity) -> Iterator[World]:
    bot = StandIn(identity, answers=answer)
    clock = SimulatedClock(datetime(2023, 7, 4, 14, 20, tzinfo=SHANGHAI), speed=0)
    ticks: list[datetime] = []
    events = [
        datetime(2023, 7, day, 14, minute, tzinfo=SHANGHAI) for day, minute in ((4, 27), (4, 50), (5, 3))
    ]
    demo = DemoPlatform(
        callback_url="http://127.0.0.1:9/wecom/callback",
        corp_id=CORP,
        agent_id=AGENT,
        token=identity.token,
        aes_key=identity.aes_key,
        members=MEMBERS,
        roles=ROLES,
        clock=clock,
        menu=MENU,
        next_event=lambda: next((at for at in events if at > clock.now()), None),
        tick=lambda: ticks.append(clock.now()),
        transport=WsgiTransport(bot),
    )
    demo.delivery.pause = lambda seconds: None
    app = Flask(__name__)
    app.register_blueprint(demo.blueprint())
    with serving(app) as url:
        yield World(url, demo, bot, ticks)
    demo.close()


@pytest.fixture
def open_page(browser: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """A page of a size, which must stay free of errors and of requests to anywhere else."""
    problems: list[str] = []
    contexts = []

    def open_page(size: tuple[int, int] = WIDE, query: str = "", *, bypass_csp: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, bypass_csp=bypass_csp, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if is_an_error(line) else None)
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith((world.url, "data:")) else problems.append(request.url)
            ),
        )
        page.goto(f"{world.url}/simulator{query}")
        expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def is_an_error(line: ConsoleMessage) -> bool:
    """What the browser complains about; a refusal (409) is an answer that the page shows to its reader."""
    return line.type == "error" and "409" not in line.text


def phone(page: Page, userid: str) -> Any:
    return page.locator(f"#phone-{userid}")


def say(page: Page, userid: str, text: str) -> None:
    field = phone(page, userid).get_by_label(f"{MEMBERS[userid]}要说的话")
    field.fill(text)
    field.press("Enter")


def bubbles(page: Page, userid: str) -> Any:
    return phone(page, userid).locator(".bubble")


def test_a_student_types_and_the_answer_appears_below(open_page: Callable[..., Page]) -> None:
    page = open_page()

    say(page, "stu001", "签到")

    expect(bubbles(page, "stu001")).to_have_text(["签到", "王小明，已签到《科研论文写作》（14:25）。"])
    expect(bubbles(page, "stu004")).to_have_count(0)


def test_two_students_a_lead_and_the_admin_lie_side_by_side(open_page: Callable[..., Page]) -> None:
    page = open_page()

    tops = [phone(page, userid).bounding_box()["y"] for userid in list(MEMBERS)[:4]]

    assert len(set(tops)) == 1


def test_the_send_button_shows_once_something_is_typed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    own = phone(page, "stu001")

    own.get_by_label("王小明要说的话").fill("本周")
    own.get_by_role("button", name="发送").click()

    expect(bubbles(page, "stu001")).to_have_text(["本周", WEEK])


def test_what_a_student_types_is_text_and_never_markup(open_page: Callable[..., Page]) -> None:
    page = open_page()

    say(page, "stu001", "<img src=x onerror=alert(1)>")

    expect(bubbles(page, "stu001").first).to_have_text("<img src=x onerror=alert(1)>")
    expect(phone(page, "stu001").locator(".chat img")).to_have_count(0)


def test_a_link_in_an_answer_can_be_followed(open_page: Callable[..., Page]) -> None:
    page = open_page()

    say(page, "stu001", "交报告")

    link = phone(page, "stu001").get_by_role("link", name="点这里交报告")
    expect(link).to_have_attribute("href", "http://127.0.0.1:9/u/abc")


def test_a_push_appears_by_itself_and_is_marked_as_one(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()

    world.push("lead01", "今日未签到 3 人")

    expect(bubbles(page, "lead01")).to_have_text(["今日未签到 3 人"])
    expect(phone(page, "lead01").locator(".line__push")).to_have_text(["主动推送 14:20"])


def test_a_recalled_push_leaves_a_note(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    world.push("lead01", "写错了")
    expect(bubbles(page, "lead01")).to_have_text(["写错了"])

    world.demo.wecom.recall(f'{{"msgid":"{world.demo.wecom.pushes[0].msgid}"}}'.encode())

    expect(phone(page, "lead01").locator(".line__note")).to_have_text(["“七月”撤回了一条消息"])
    expect(bubbles(page, "lead01")).to_have_count(0)


def test_a_menu_button_sends_its_key(open_page: Callable[..., Page]) -> None:
    page = open_page()

    phone(page, "stu001").get_by_role("button", name="签到", exact=True).click()

    expect(bubbles(page, "stu001")).to_have_text(["王小明，已签到《科研论文写作》（14:25）。"])


def test_a_sub_menu_opens_and_its_button_sends_its_key(open_page: Callable[..., Page]) -> None:
    page = open_page()
    own = phone(page, "stu001")

    own.get_by_role("button", name="日程").click()
    own.get_by_role("button", name="本周").click()

    expect(bubbles(page, "stu001")).to_have_text([WEEK])
    expect(own.get_by_role("button", name="本周")).to_be_hidden()


def test_a_scan_button_asks_what_the_camera_reads(open_page: Callable[..., Page]) -> None:
    page = open_page()
    own = phone(page, "stu001")
    own.get_by_role("button", name="日程").click()
    own.get_by_role("button", name="扫码签到").click()

    page.get_by_label("二维码里的内容").fill("123456")
    page.get_by_role("button", name="扫到了").click()

    expect(bubbles(page, "stu001")).to_have_text(["扫到了：123456"])


def test_the_camera_reads_what_the_projector_shows(open_page: Callable[..., Page], world: World) -> None:
    world.demo.camera = lambda: "http://127.0.0.1:9/c/shown-now"
    page = open_page()
    own = phone(page, "stu001")
    own.get_by_role("button", name="日程").click()
    own.get_by_role("button", name="扫码签到").click()

    expect(page.get_by_label("二维码里的内容")).to_have_value("http://127.0.0.1:9/c/shown-now")
    page.get_by_role("button", name="扫到了").click()

    expect(bubbles(page, "stu001")).to_have_text(["扫到了：http://127.0.0.1:9/c/shown-now"])


def test_a_picture_reaches_the_bot_as_a_picture(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    own = phone(page, "stu001")

    own.get_by_role("button", name="更多", exact=True).click()
    own.get_by_role("button", name="图片").click()

    expect(bubbles(page, "stu001").first).to_have_text("［图片］")
    expect(bubbles(page, "stu001").nth(1)).to_have_text("没听懂「image」。可以回复：本周、签到、选题。")


def test_a_card_button_reaches_the_bot_and_the_card_can_be_updated(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page()
    sent = world.demo.wecom.send(
        f'{{"touser":"stu001","agentid":{AGENT},"msgtype":"template_card","template_card":'
        '{"card_type":"button_interaction","main_title":{"title":"周二 14:30 科研论文写作"},'
        '"button_list":[{"text":"签到","key":"checkin"}],"task_id":"rem-1"}}'.encode()
    )
    phone(page, "stu001").locator(".card").get_by_role("button", name="签到").click()
    expect(bubbles(page, "stu001")).to_have_text(["王小明，已签到《科研论文写作》（14:25）。"])

    world.demo.wecom.update_card(
        f'{{"userids":["stu001"],"agentid":{AGENT},"response_code":"{sent["response_code"]}",'
        '"button":{"replace_name":"已签到 14:25"}}'.encode()
    )

    expect(phone(page, "stu001").locator(".card__done")).to_have_text("已签到 14:25")


def test_opening_a_chat_tells_the_bot_once_for_each_phone(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page()
    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()

    entered = [m.findtext("FromUserName") for m in world.bot.seen if m.findtext("Event") == "enter_agent"]

    assert sorted(str(userid) for userid in entered) == ["admin01", "lead01", "stu001", "stu004"]


def test_another_person_of_the_roster_takes_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page()

    page.locator("#owner-stu004").select_option("stu006")

    expect(page.get_by_role("region", name="周九的手机")).to_be_visible()
    expect(page.locator(".phone")).to_have_count(4)


def test_a_stranger_who_is_on_no_roster_can_be_added(open_page: Callable[..., Page]) -> None:
    page = open_page()

    page.get_by_label("再拿一部手机").select_option("guest01")

    expect(page.get_by_role("region", name="来访者的手机")).to_be_visible()
    expect(page.locator(".phone")).to_have_count(5)


def test_five_phones_lie_whole_on_a_wide_page(open_page: Callable[..., Page]) -> None:
    page = open_page(query="?phones=stu001,stu004,lead01,admin01,stu006")

    boxes = [phone(page, userid).bounding_box() for userid in MEMBERS]

    assert all(box["x"] >= 0 and box["x"] + box["width"] <= WIDE[0] for box in boxes)


@pytest.mark.parametrize("size", [(1024, 768), NARROW])
def test_a_phone_that_was_added_is_in_sight(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size)

    page.get_by_label("再拿一部手机").select_option("stu006")

    expect(phone(page, "stu006")).to_be_in_viewport(ratio=0.7)


def test_what_stops_the_clock_looks_as_if_it_could_be_pressed(
    open_page: Callable[..., Page], world: World
) -> None:
    assert world.demo.walk is not None
    world.demo.walk._wait = lambda stop, seconds: stop.wait(60)
    page = open_page()
    page.get_by_role("button", name="播放七月").click()
    stop = page.get_by_role("button", name="停止")

    expect(stop).to_be_enabled()
    expect(stop).to_have_css("background-color", "rgb(192, 50, 43)")
    stop.click()


def test_a_tick_is_drawn_where_no_font_has_one(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()

    world.push("stu001", "✅ 已签到")

    expect(bubbles(page, "stu001")).to_have_text(["✅ 已签到"])
    expect(page.locator(".tick")).to_have_css("background-color", "rgb(43, 162, 69)")


def test_a_chat_is_still_there_after_a_reload(open_page: Callable[..., Page]) -> None:
    page = open_page()
    say(page, "stu001", "签到")
    expect(bubbles(page, "stu001")).to_have_count(2)

    page.reload()

    expect(bubbles(page, "stu001")).to_have_count(2)


def test_a_slow_answer_is_announced_in_the_title(open_page: Callable[..., Page], world: World) -> None:
    hold = threading.Event()

    def hang(call: int) -> None:
        hold.wait(4)

    world.bot.misbehave = hang
    page = open_page(query="?phones=guest01")
    title = phone(page, "guest01").locator(".title__name")
    expect(title).to_have_text("对方正在输入…")

    hold.set()

    expect(title).to_have_text("七月")


# The clock


def test_the_clock_jumps_to_the_next_event_and_ticks_there(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page()
    expect(page.locator("#clock-next")).to_have_text("下一件事：7月4日 周二 14:27")

    page.get_by_role("button", name="跳到下一件事").click()

    expect(page.locator("#clock-time")).to_have_text("14:27:00")
    expect(page.locator("#clock-next")).to_have_text("下一件事：7月4日 周二 14:50")
    assert [f"{at:%H:%M}" for at in world.ticks] == ["14:27"]


def test_an_hour_later_every_event_between_has_had_its_tick(
    open_page: Callable[..., Page], world: World
) -> None:
    page = open_page()

    page.get_by_role("button", name="+1 小时").click()

    expect(page.locator("#clock-time")).to_have_text("15:20:00")
    assert [f"{at:%H:%M}" for at in world.ticks] == ["14:27", "14:50", "15:20"]


def test_the_clock_goes_to_a_time_that_is_typed(open_page: Callable[..., Page]) -> None:
    page = open_page()

    page.get_by_role("button", name="跳到…").click()
    page.get_by_label("跳到", exact=True).fill("2023-07-13T14:20")
    page.get_by_role("button", name="走过去").click()

    expect(page.locator("#clock-date")).to_have_text("2023年7月13日 周四")
    expect(page.locator("#clock-time")).to_have_text("14:20:00")


def test_the_clock_does_not_go_back(open_page: Callable[..., Page]) -> None:
    page = open_page()

    page.get_by_role("button", name="跳到…").click()
    page.get_by_label("跳到", exact=True).fill("2023-07-01T00:00")
    page.get_by_role("button", name="走过去").click()

    expect(page.get_by_role("alert")).to_have_text("演示的时钟只能向前")


def test_july_is_played_to_its_last_event(open_page: Callable[..., Page], world: World) -> None:
    assert world.demo.walk is not None
    world.demo.walk._wait = lambda stop, seconds: stop.wait(min(seconds, 0.01))
    page = open_page()

    page.get_by_role("button", name="播放七月").click()

    expect(page.locator("#clock-next")).to_have_text("后面没有安排的事")
    assert [f"{at:%d %H:%M}" for at in world.ticks] == ["04 14:27", "04 14:50", "05 14:03"]


def test_playing_can_be_stopped(open_page: Callable[..., Page], world: World) -> None:
    assert world.demo.walk is not None
    world.demo.walk._wait = lambda stop, seconds: stop.wait(60)
    page = open_page()
    page.get_by_role("button", name="播放七月").click()

    page.get_by_role("button", name="停止").click()

    expect(page.get_by_role("button", name="播放七月")).to_be_visible()
    assert world.ticks == []


# The wire and the faults


def test_the_wire_shows_the_last_exchange_clear_and_sealed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    say(page, "stu001", "签到")

    page.get_by_text("最近一次往来的 XML").click()

    expect(page.get_by_label("请求明文")).to_contain_text("<Content><![CDATA[签到]]></Content>")
    expect(page.get_by_label("请求密文")).to_contain_text("<Encrypt>")
    expect(page.get_by_label("回复明文")).to_contain_text("已签到《科研论文写作》")
    expect(page.get_by_label("回复密文")).to_contain_text("<MsgSignature>")


def test_a_message_can_be_delivered_twice(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    page.get_by_text("让平台出故障").click()
    page.get_by_label("送达两次", exact=True).check()
    expect(page.locator("#faults-on")).to_have_text("已打开 1 项")

    say(page, "stu001", "签到")

    expect(bubbles(page, "stu001")).to_have_count(2)
    expect(phone(page, "stu001").locator(".line__note")).to_have_text(["同一条消息送达了 2 次，答复相同"])


def test_a_foreign_corps_message_shows_no_answer(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_text("让平台出故障").click()
    page.get_by_label("冒充别的企业").check()

    say(page, "stu001", "签到")

    expect(phone(page, "stu001").locator(".line__note")).to_have_text(
        ["平台没有显示答复：送达 4 次均未成功（最后一次：HTTP 403）"]
    )


def test_a_fault_of_the_api_is_switched_on_and_off(open_page: Callable[..., Page], world: World) -> None:
    page = open_page()
    page.get_by_text("让平台出故障").click()

    page.get_by_label("系统繁忙 -1，两次").check()
    expect(page.locator("#faults-on")).to_have_text("已打开 1 项")
    on = world.demo.wecom.faults.on()
    page.get_by_label("系统繁忙 -1，两次").uncheck()
    expect(page.locator("#faults-on")).to_be_hidden()

    assert (on, world.demo.wecom.faults.on()) == (("busy_twice",), ())


# A real phone


def test_a_narrow_page_shows_one_phone_at_a_time(open_page: Callable[..., Page], world: World) -> None:
    page = open_page(NARROW)
    expect(phone(page, "stu001")).to_be_visible()
    expect(phone(page, "lead01")).to_be_hidden()
    world.push("lead01", "今日未签到 3 人")
    tab = page.get_by_role("tab", name="李老师")
    expect(tab.locator(".tab__news")).to_have_text("1")

    tab.click()

    expect(bubbles(page, "lead01")).to_have_text(["今日未签到 3 人"])
    expect(tab.locator(".tab__news")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_page_has_no_serious_accessibility_violation(
    open_page: Callable[..., Page], world: World, size: tuple[int, int]
) -> None:
    page = open_page(size, bypass_csp=True)
    act_out(page, world)

    violations = Axe().run(page).response["violations"]

    assert [each["id"] for each in violations if each["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_picture_of_the_page_is_kept_for_people_to_look_at(
    open_page: Callable[..., Page], world: World, size: tuple[int, int], tmp_path: Path
) -> None:
    page = open_page(size)
    act_out(page, world)

    target = Path(os.environ.get("QIYUE_SCREENSHOTS", str(tmp_path))) / f"simulator-{size[0]}.png"
    page.screenshot(path=target)

    assert target.stat().st_size > 20_000


def act_out(page: Page, world: World) -> None:
    """A few minutes of a lab's afternoon, with everything a page can show."""
    say(page, "stu001", "本周")
    expect(bubbles(page, "stu001")).to_have_count(2)
    world.demo.clock.set(world.demo.clock.now() + timedelta(minutes=7))
    world.push("stu001|lead01", "今天 14:30《科研论文写作》，27 分钟后开始。到了请回复「签到」。")
    say(page, "stu001", "签到")
    expect(bubbles(page, "stu001")).to_have_count(5)
    if phone(page, "lead01").is_visible():
        say(page, "lead01", "催")
        phone(page, "lead01").get_by_role("button", name="日程").click()
    page.get_by_text("最近一次往来的 XML").click()
    page.get_by_text("让平台出故障").click()
    page.evaluate("window.scrollTo(0, 0)")

"""A stranger's walk through `bot.py demo` in a real browser, and the screen on the projector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import chromium, keep
from tests.documents.files.made import made
from tests.wiring.running import Service, environment, serving

WIDE, NARROW, PROJECTOR = (1440, 900), (375, 800), (1920, 1080)
SIX = "《数据驱动与知识驱动融合的人工智能方法》"
# What README tells a newcomer to type, and word for word what comes back (notice lines 14, 19, 69).
WALK = {
    "本周分享主题": (
        "本周（7/3–7/9）共 3 场：\n"
        "1. 7/3（周一）14:30 小组分享（视频压缩组）\n"
        "2. 7/4（周二）14:30《科研论文写作》\n"
        "3. 7/6（周四）下午（具体时间待定）前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》\n"
        "地点待通知。以上为拟定安排。"
    ),
    "周四几点": (
        "7/6（周四）下午（具体时间待定）前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》\n"
        "通知没有写具体时间，定了我会告诉你。\n"
        "地点待通知。以上为拟定安排。"
    ),
    "依据": (
        "依据通知原文：\n"
        "· “周二、周四下午，分别邀请老师、项目组进行专题分享”（学习形式，第14行）\n"
        "· “6 日 前沿研究分享《AI+脑科学+安全》 工程项目开发分享《视频压缩+AI》”（七月学习安排，第19行）"
    ),
    "选 6": (
        f"序号6{SIX}（大模型），通知原编号5。\n"
        "如果你指通知上的“6.”，那是序号7《科学计算领域的人工智能方法》。\n"
        "选它回复 确认，或 选 7。"
    ),
    "确认": f"✅ 已选序号6{SIX}（通知原编号5）。\n要换随时回复：选 另一个序号。",
    "签到": "✅ 14:20 已签到：7/4（周二）《科研论文写作》，准时。本月 1/2。",
    "我到了": "你已在 14:20 签到（准时），不用重复。",
    "我的": (
        "王小明（研0，视频压缩组，导师周老师）\n"
        "考勤：本月 1/2\n"
        "今天：已在 14:20 签到（准时）\n"
        f"选题：序号6{SIX}\n"
        "下一场：7/4（周二）14:30《科研论文写作》"
    ),
}
GREETING = (
    "你好，我是七月，集中学习的助手。我还不认识你，请回复：绑定 姓名 学号\n"
    "例：绑定 张三 2023001\n"
    "有一次性绑定码的，回复：绑定 绑定码"
)
THURSDAY = (
    "提醒：今天7/6（周四）下午（具体时间待定）前沿研究分享《AI+脑科学+安全》；"
    "工程项目开发分享《视频压缩+AI》。地点待通知，时间定了我会告诉你。"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Service]:
    """The demo as README starts it, but for a clock that hardly moves: 14:20 stays 14:20 on a slow machine.

    It asks for *browser* so that nothing is started where the browser is missing.
    """
    env = environment(tmp_path)
    with serving(tmp_path, "demo", "--speed", "0.001", env=env, path="/simulator") as running:
        yield running


@pytest.fixture
def projected(browser: Browser, tmp_path: Path) -> Iterator[Service]:
    """The demo of a lab that asks for the number on the screen."""
    env = environment(tmp_path, QIYUE_CHECKIN__PROOF="code")
    with serving(tmp_path, "demo", env=env, path="/simulator") as running:
        yield running


@pytest.fixture
def look(browser: Browser) -> Iterator[Look]:
    """Opens pages that must stay free of errors in their scripts and of requests to anywhere else."""
    looked = Look(browser)
    yield looked
    for page in looked.pages:
        page.close()
    assert looked.problems == []


class Look:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.pages: list[Page] = []
        self.problems: list[str] = []

    def at(self, url: str, size: tuple[int, int]) -> Page:
        page = self._browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        self.pages.append(page)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self._note(request.url))
        page.goto(url)
        return page

    def simulator(self, demo: Service, size: tuple[int, int]) -> Page:
        page = self.at(f"{demo.base}/simulator", size)
        expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:")):
            self.problems.append(url)


def phone(page: Page, userid: str) -> Locator:
    return page.locator(f"#phone-{userid}")


def replies(page: Page, userid: str) -> Locator:
    return phone(page, userid).locator(".line--reply .bubble")


def pushes(page: Page, userid: str) -> Locator:
    return phone(page, userid).locator(".line--push .bubble")


def told(page: Page, userid: str, text: str) -> str:
    """What the bot says to *text*: the bubble after the person's own."""
    before = replies(page, userid).count()
    box = phone(page, userid).locator(".bar__text")
    box.fill(text)
    box.press("Enter")
    expect(replies(page, userid)).to_have_count(before + 1)
    return replies(page, userid).last.inner_text()


def jump_to_next(page: Page) -> None:
    shown = page.locator("#clock-next").inner_text()
    page.get_by_role("button", name="跳到下一件事").click()
    expect(page.locator("#clock-next")).not_to_have_text(shown)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in ("serious", "critical")]


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_stranger_walks_through_the_simulator(look: Look, demo: Service, tmp_path: Path) -> None:
    page = look.simulator(demo, WIDE)
    keep(page, "walk-first-sight", tmp_path)

    answers = {}
    for text in WALK:
        answers[text] = told(page, "stu001", text)
        if text == "依据":
            keep(page, "walk-source", tmp_path)
    keep(page, "walk-checked-in", tmp_path)
    topics = told(page, "stu001", "选题").splitlines()
    keep(page, "walk-topics", tmp_path)

    assert answers == WALK
    assert len(topics) == 15
    assert topics[6].startswith("6 数据驱动与知识驱动融合的人工智能方法（大模型）")
    assert serious(page) == []


def test_a_stranger_says_hello_and_cannot_take_a_bound_name(
    look: Look, demo: Service, tmp_path: Path
) -> None:
    page = look.simulator(demo, WIDE)
    page.locator("#add-phone").select_option("guest01")
    expect(page.get_by_role("region", name="来访者的手机")).to_be_visible()
    expect(replies(page, "guest01")).to_have_text([GREETING], use_inner_text=True)

    hello = told(page, "guest01", "你好")
    bind = told(page, "guest01", "绑定 王小明 2023001")
    keep(page, "walk-stranger", tmp_path)

    assert hello == GREETING
    assert bind == "这个学号已经绑定另一个账号。换手机或换号请回复 换绑，需要管理员确认。"


def test_the_menu_checks_in_and_a_jump_of_the_clock_brings_the_next_reminder(
    look: Look, demo: Service, tmp_path: Path
) -> None:
    page = look.simulator(demo, WIDE)
    mine = phone(page, "stu001")

    mine.get_by_role("button", name="安排").click()
    keep(page, "walk-menu", tmp_path)
    mine.get_by_role("button", name="本周分享主题").click()
    expect(replies(page, "stu001")).to_have_text([WALK["本周分享主题"]], use_inner_text=True)
    mine.get_by_role("button", name="签到", exact=True).click()

    expect(replies(page, "stu001")).to_have_text([WALK["本周分享主题"], WALK["签到"]], use_inner_text=True)
    expect(page.locator("#clock-next")).to_have_text("下一件事：7月4日 周二 14:30")

    for _ in range(3):  # the lecture begins, its leads hear who came, Thursday is announced
        jump_to_next(page)

    expect(page.locator("#clock-date")).to_have_text("2023年7月6日 周四")
    expect(pushes(page, "stu001").last).to_have_text(THURSDAY)
    # 陈一怡 is 研2: nothing obliges her, so nothing reminds her unasked (notice line 11).
    expect(pushes(page, "stu009").filter(has_text="提醒")).to_have_count(0)
    keep(page, "walk-reminder", tmp_path)


def test_it_works_on_a_phone(look: Look, demo: Service, tmp_path: Path) -> None:
    page = look.simulator(demo, NARROW)

    answer = told(page, "stu001", "本周分享主题")
    keep(page, "walk-narrow", tmp_path)
    page.get_by_role("tab", name="李老师").click()
    lead = told(page, "lead01", "帮助")
    keep(page, "walk-narrow-lead", tmp_path)

    assert answer == WALK["本周分享主题"]
    assert lead.startswith("我能做这些，直接打字就行：")
    assert width_of(page) <= NARROW[0]
    assert serious(page) == []


def test_the_code_on_the_screen_checks_a_student_in_and_is_greyed_when_the_service_is_away(
    look: Look, projected: Service, tmp_path: Path
) -> None:
    page = look.simulator(projected, WIDE)
    opened = told(page, "lead01", "开始签到")
    link = page.locator("#phone-lead01 .bubble").get_by_role("link", name="打开签到大屏")
    screen = look.at(str(link.get_attribute("href")), PROJECTOR)
    code = re.sub(r"\s", "", screen.locator(".code").inner_text())
    keep(screen, "screen-projector", tmp_path)

    asked = told(page, "stu001", "签到")
    wrong = told(page, "stu001", f"{(int(code) + 1) % 1_000_000:06}")
    checked_in = told(page, "stu001", code)
    twice = told(page, "stu001", "签到")
    keep(page, "walk-code", tmp_path)

    assert opened.startswith("已开始签到：7/4（周二）《科研论文写作》。")
    assert asked == "请看大屏，回复上面的 6 位数字（20 秒换一次）。"
    assert wrong.startswith("数字不对，还可以再试 2 次。")
    assert re.fullmatch(r"✅ 14:2\d 已签到：7/4（周二）《科研论文写作》，准时。本月 1/2。", checked_in)
    assert re.fullmatch(r"你已在 14:2\d 签到（准时），不用重复。", twice)
    expect(screen.locator(".count b")).to_have_text("1")
    assert serious(screen) == []
    screen.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    keep(screen, "screen-phone", tmp_path)
    assert width_of(screen) <= NARROW[0]
    assert serious(screen) == []

    projected.stop()

    # A number that no longer changes must not stand there as if it were good.
    expect(screen.locator("#offline")).to_be_visible()
    expect(screen.locator("#live.stale .bar")).to_be_hidden()
    screen.set_viewport_size({"width": PROJECTOR[0], "height": PROJECTOR[1]})
    keep(screen, "screen-offline", tmp_path)


def test_a_stopped_bot_tells_the_admin_what_it_missed_when_it_is_back(
    look: Look, demo: Service, tmp_path: Path
) -> None:
    """B58: the page stops the bot over a reminder; then it catches up and tells the admin, once."""
    page = look.simulator(demo, WIDE)
    for userid in ("stu001", "stu009", "lead01", "admin01"):  # greeted before the bot is stopped
        expect(pushes(page, userid).filter(has_text="我是七月")).to_have_count(1)
    page.locator("#fault-tool summary").click()
    page.get_by_role("checkbox", name="机器人停机").check()
    for _ in range(3):  # the lecture begins, its summary and Thursday's announcement of 09:07 are due
        jump_to_next(page)
    page.get_by_role("button", name="+1 小时").click()
    expect(page.locator("#clock-time")).to_have_text("10:07:00")
    keep(page, "walk-stopped", tmp_path)

    page.get_by_role("checkbox", name="机器人停机").uncheck()

    told_late = pushes(page, "admin01").filter(has_text="停机")
    expect(told_late).to_have_text(
        "7/4 14:20–7/6 10:07 停机。错过提醒1条（7/6场），已于10:07补发42人；过期不发0条；重复0条。"
    )
    expect(pushes(page, "stu001").last).to_have_text(THURSDAY)
    jump_to_next(page)
    expect(told_late).to_have_count(1)
    keep(page, "walk-caught-up", tmp_path)


def test_a_student_opens_the_link_hands_in_a_draft_and_then_the_report(
    demo: Service, look: Look, tmp_path: Path
) -> None:
    """B26, B27 in the demo: the page from the chat, the verdict on it, and the receipt on the phone."""
    page = look.simulator(demo, WIDE)
    told(page, "stu001", "交报告")
    with page.expect_popup() as opened:
        replies(page, "stu001").last.locator("a").click()
    upload = opened.value
    upload.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})

    for name, pages in (("报告v1.pdf", 12), ("报告v2.pdf", 23)):
        file = {"name": name, "mimeType": "application/pdf", "buffer": made(name, pages)}
        upload.set_input_files("#file", file)  # type: ignore[arg-type]
        said = upload.locator(".upload__said").first
        expect(said).to_contain_text("还差", timeout=30_000)
    keep(upload, "demo-upload", tmp_path)

    expect(said).to_contain_text("✅ 报告已提交：23 页，第1次提交，7/4（周二）14:20")
    expect(pushes(page, "stu001").filter(has_text="差 8 页")).to_have_count(1, timeout=30_000)
    expect(pushes(page, "stu001").filter(has_text="报告已提交：23 页")).to_have_count(1, timeout=30_000)
    keep(page, "demo-receipt", tmp_path)

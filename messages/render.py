"""From a reply to words: Jinja templates, one file per outcome; the only place with wording."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from messages.envelope import Reply
from programme.programme import Reward
from programme.sessions import Item

ROOM = Path(__file__).parent
WEEKDAYS = "一二三四五六日"
PERIODS = {"dawn": "凌晨", "morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"}
CHANNELS = {"wecom": "企业微信", "official_account": "公众号", "aibot": "智能机器人"}
TRAILING = re.compile(r"[ \t]+\n")
GAPS = re.compile(r"\n{3,}")
MORE = "…（回复 更多 看其余）"
PAGE_END = "\f"  # a template ends a page here; 更多 brings the next one


class Renderer:
    """Templates are compiled once; values from people are made inert, whatever they contain."""

    def __init__(self, room: Path = ROOM) -> None:
        self._templates: dict[str, Template] = {}
        self._environment = Environment(
            loader=FileSystemLoader(room),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text; `inert` below disarms what clients would render
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=inert,
        )
        self._environment.filters |= {
            "day": day,
            "md": lambda value: f"{value.month}/{value.day}",
            "iso_day": lambda text: day(date.fromisoformat(text)),
            "hm": hm,
            "stretch": stretch,
            "channel": lambda name: CHANNELS.get(name, name),
            "period": period,
            "moment": moment,
            "titles": titles,
            "amount": amount,
            "plain": plain,
        }

    def _loaded(self, name: str) -> Template:
        template = self._environment.get_template(f"{name}.j2")
        # A plain dict: Jinja copies the globals for every text, and copying its ChainMap costs more
        # than filling in a short template.
        template.globals = dict(template.globals)
        self._templates[name] = template
        return template

    def render(self, reply: Reply) -> str:
        """The text of *reply*, blank lines folded. Raises jinja2.TemplateNotFound for an unknown one."""
        template = self._templates.get(reply.template) or self._loaded(reply.template)
        text = template.render(reply.values).strip()
        if "\n" not in text:
            return text
        return GAPS.sub("\n\n", TRAILING.sub("\n", text))


def inert(value: object) -> object:
    """Chat clients turn <a …> into links and mentions into alarms: names and quotes must not do that."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return value.replace("<", "＜").replace("@all", "＠all").replace("@所有人", "＠所有人")


@lru_cache(maxsize=1024)
def day(value: date) -> str:
    return f"{value.month}/{value.day}（周{WEEKDAYS[value.weekday()]}）"


def hm(value: time | datetime) -> str:
    return f"{value.hour:02d}:{value.minute:02d}"


def stretch(minutes: int) -> str:
    """40分钟, 1小时20分钟, 约5小时, 3天: as a person says how long something takes."""
    if minutes < 60:
        return f"{max(minutes, 1)}分钟"
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)}天"
    hours, rest = divmod(minutes, 60)
    if rest == 0:
        return f"{hours}小时"
    return f"{hours}小时{rest}分钟" if hours < 2 else f"约{round(minutes / 60)}小时"


def moment(text: object) -> str:
    """ "2024-03-29T23:59" or "2024-03-29" as people read it; anything else as it stands."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return str(text)
    return day(at) + (hm(at) if "T" in str(text) else "")


def period(value: str | None) -> str:
    return PERIODS.get(value or "", "")


@lru_cache(maxsize=1024)
def titles(items: tuple[Item, ...]) -> str:
    """前沿研究分享《AI+脑科学+安全》；工程项目开发分享《视频压缩+AI》, speakers in brackets when known."""
    return "；".join(title(item) for item in items)


def title(item: Item) -> str:
    named = f"《{item.title}》" if item.title else ""
    speaker = f"（{item.speaker}）" if item.speaker else ""
    return f"{item.track or ''}{named}{speaker}" or "内容待通知"


def plain(value: object) -> str:
    """A value of any field as people write it; 未写 for nothing."""
    if value is None or value == ():
        return "未写"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, time):
        return hm(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (list, tuple)):
        return "、".join(title(part) if isinstance(part, Item) else plain(part) for part in value)
    return str(value)


def amount(reward: Reward) -> str:
    """400（通知未写单位，按元）· 800 元/月 · 另行计算."""
    if reward.amount is None:
        return reward.unit or "金额未写"
    unit = reward.unit or ""
    if "元" in unit:
        return f"{reward.amount} {unit}"
    if reward.currency == "元":
        return f"{unit} {reward.amount} 元".strip()
    each = f"{unit} " if unit else ""
    return f"{each}{reward.amount}（通知没有写“元”，按元理解）"


def split(text: str, limit_bytes: int) -> tuple[str, str]:
    """*text* cut at a page's end, or at a line to at most *limit_bytes* of UTF-8, and the rest; a long
    line is cut inside."""
    page, turned, after = text.partition(PAGE_END)
    if turned:
        head, left = split(page.rstrip(), limit_bytes - len(MORE.encode()) - 1)
        rest = after.lstrip("\n")
        return (head, f"{left}\n{PAGE_END}{rest}") if left else (f"{head}\n{MORE}", rest)
    if len(text.encode()) <= limit_bytes:
        return text, ""
    room = limit_bytes - len(MORE.encode()) - 1
    head = text.encode()[:room].decode("utf-8", "ignore")
    cut = head.rfind("\n")
    if cut < len(head) // 2:
        cut = len(head)
    return f"{head[:cut].rstrip()}\n{MORE}", text[cut:].lstrip("\n")

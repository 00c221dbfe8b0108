"""The plan in one's own calendar program: 怎么加到日历, 换一个日历链接."""

from __future__ import annotations

import re

from language.decision import Decision
from language.mood import Mood
from language.reading import Reading

_CALENDAR = r"(?:日历|(?<![a-z])i?cal(?:endar)?(?![a-z])|(?<![a-z])ics(?![a-z]))"
_INTO = r"订阅|加[到入进]|添加|导[入进]|导出(?:到|成|为)|同步|[放存写]到|[放存]进"
_WANTED = re.compile(
    rf"(?:{_INTO}).{{0,8}}{_CALENDAR}"
    rf"|{_CALENDAR}.{{0,6}}(?:{_INTO}|链接|连结|连接|地址|网址|怎么[用弄加])"
    rf"|(?:日程|安排|课表).{{0,4}}(?:{_INTO})(?:到|进)?(?:我的|自己的)?手机"
)
_NOT_WANTED = re.compile(
    r"(?:不|别|不要|不想|不用|取消|退出|停止)(?:再)?(?:订阅|加|添加|导入|同步)|校历|农历"
)

_OLD = r"(?:一?[个下]|掉|我的?|旧的?|原来的?|之?前的?|新的?|订阅)*"
_RENEWED = re.compile(
    rf"(?:请|帮我|给我|麻烦|我?想要?|我要|重新|再)*(?:把)?(?:"
    rf"(?:更?换|重置|作废|注销|重新生成|生成新的?|停用){_OLD}{_CALENDAR}{_OLD}(?:的)?(?:链接|连结|连接|地址|网址)"
    rf"|{_OLD}{_CALENDAR}{_OLD}(?:的)?(?:链接|连结|连接|地址|网址)(?:给我?|要)?(?:更?换|重置|作废|停用|重新生成)(?:一?[个下]|掉|新的)*"
    rf")(?:吧|了|一下)?[,。!~]*"
)


def calendar_renewal(reading: Reading, mood: Mood) -> Decision | None:
    """The plain wish for another link; it ends the old one, so a question or a hint at it is none."""
    if mood.is_question or mood.is_hypothetical or mood.is_past:
        return None
    return Decision("calendar_renew") if _RENEWED.fullmatch(reading.text) else None


def calendar_link(reading: Reading, _mood: Mood) -> Decision | None:
    """Anything about getting the plan into a calendar, asked or wished: the link answers both."""
    text = reading.text
    if _NOT_WANTED.search(text) or not _WANTED.search(text):
        return None
    return Decision("calendar")

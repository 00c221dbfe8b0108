"""Questions about the plan: what, when, where and who of a session or period (T3, T9, T10)."""

from __future__ import annotations

import re

from language.aspects import PLAIN_WHICH, session_slots, which_session
from language.decision import BOOK_TITLE, Decision
from language.mood import Mood
from language.reading import Reading
from language.subjects import rule_subject

_OTHER_WORLD = re.compile(
    r"天气|吃|电影|世界杯|演唱会|火车|航班|比赛|选课|考试|体育课|游戏|快递|足球|外卖|医生|驾照|健身"
)
_MEETING = re.compile(r"(?:这|那|个|的|次|场|把|例|组|开)会(?![计员])|会(?:几点|在哪)")
_ROOM = re.compile(r"会议室|教室|会场|地点|几楼|开会")
_OUR_EVENTS = re.compile(r"分享|组会|汇报|讲座|会议|集中学习")
_NO_PLAN = ("foreign", "checkin", "submit", "choose", "leave", "topic", "reward")

_EACH_DAY = re.compile(r"(?:两|二|每|几)天.{0,2}(?:都|全|各).{0,3}(?:讲|汇报|上台|报告)")


def schedule_query(reading: Reading, mood: Mood) -> Decision | None:
    """What, when, where and who of a session or period; a bare date too (T3, T9, T10)."""
    text = reading.text
    if _is_of_another_world(reading):
        return None
    if not reading.dates and rule_subject(text) == "report_days":
        return Decision("talk_count" if _EACH_DAY.search(text) else "report_days")
    book = BOOK_TITLE.search(text)
    if book is not None:
        return Decision("schedule_query", session_slots(reading) | {"topic": book[1].strip()})
    if (
        reading.has("foreign")
        and not reading.has("plan", "link", "research")
        and not _OUR_EVENTS.search(text)
    ):
        return None
    strange = sum(map(len, reading.unknown))
    if _names_a_session(reading, mood, strange):
        is_too_strange = strange > 6 and not reading.has("research", "date")
        return None if is_too_strange else Decision("schedule_query", session_slots(reading))
    if any(test(reading, mood, strange) for test in _PLAN_QUESTIONS):
        return Decision("schedule_query", session_slots(reading))
    return None


def _is_of_another_world(reading: Reading) -> bool:
    if not reading.has("foreign"):
        return False
    return (
        not reading.has("session", "plan", "link", "research")
        or _OTHER_WORLD.search(reading.text) is not None
    )


def _names_a_session(reading: Reading, mood: Mood, strange: int) -> bool:
    text = reading.text
    is_named = (
        reading.has("session", "plan", "link")
        or _MEETING.search(text) is not None
        or (reading.has("place") and _ROOM.search(text) is not None)
    )
    return is_named and (
        mood.is_question or reading.has("date", "link", "plan", "place", "talk", "when") or strange <= 2
    )


def _asks_of_a_talk(reading: Reading, mood: Mood, strange: int) -> bool:
    is_near = strange <= 8 and (reading.has("research", "date", "when") or strange <= 4)
    return is_near and _asks_about_talk(reading, mood)


def _asks_of_a_title(reading: Reading, _mood: Mood, strange: int) -> bool:
    is_title = reading.has("research") and strange <= 4 and not reading.has("foreign")
    return is_title and _ASKED_OF_TITLE.search(reading.text) is not None


def _names_a_day(reading: Reading, mood: Mood, strange: int) -> bool:
    if not reading.has("date"):
        return False
    return _is_bare_date(reading) or (mood.is_question and strange == 0 and not reading.has(*_NO_PLAN))


def _asks_for_one(reading: Reading, _mood: Mood, strange: int) -> bool:
    """几点, 下一场: nothing else is said."""
    if strange or reading.has("past", *_NO_PLAN):
        return False
    is_hour = reading.has("when") and re.search(r"几点|什么时候(?:开始|结束)", reading.text) is not None
    return is_hour or which_session(reading.text) in PLAIN_WHICH


_PLAN_QUESTIONS = (_asks_of_a_talk, _asks_of_a_title, _names_a_day, _asks_for_one)


_TALK = re.compile(r"讲|主题|主讲|开始|结束|几点|谁|主持|内容|开")
_OTHER_TALK = re.compile(r"讲(?:个|一个)(?:故事|笑话|段子)|开(?:心|玩笑|发|车|门|灯|花|学|除|源|黑|房|始做)")


_ASKED_OF_TITLE = re.compile(
    r"(?:什么时候|啥时候?|哪天|几号|周几|星期几|几点|何时|哪一?场|在哪|有没有|还有)(?:讲|开|上|有|开始|来着|呢|啊|吗)*$"
)


def _asks_about_talk(reading: Reading, mood: Mood) -> bool:
    text = reading.text
    is_asked = (
        reading.has("talk") and (mood.is_question or reading.has("date")) and not reading.has("foreign")
    )
    return is_asked and _TALK.search(text) is not None and _OTHER_TALK.search(text) is None


def _is_bare_date(reading: Reading) -> bool:
    rest = re.sub(
        r"请问|帮我|查(?:一下|下|看)?|看(?:一下|下|看)?|告诉我|想知道|有(?:没有)?|什么|啥|事|吗|呢|几点|的|在|哪|里|么|怎么|安排|谁|是|和|跟|与|及|以及|或者?|多少|情况|我|要|干|做|一下|去|来|都|还|那|这|[?!.,。~、 年月日号周]|呀|啊|吧|谢谢|了|哪里|干嘛|嘛|天|场|又|会|你|们|如何|样",
        "",
        reading.undated,
    )
    return rest == "" and not re.search(r"是(?:周|星期|礼拜)几|星期几|周几", reading.text)

"""Frames that reach many: tell many people, change or call off a session (T2); and own reminders (T11)."""

from __future__ import annotations

import re

from language.decision import NO_ACTION, Decision
from language.frames_presence import EARLY
from language.mood import Mood, is_before, is_negated, is_reported
from language.numerals import whole_number
from language.people_asked import NAMED_PERSON, names_somebody
from language.reading import Reading
from language.understood import Slot
from language.veto import is_noun_phrase

_MANY = r"(?:大家|所有人|全体|全员|各位|同学们?|学生们?|他们|研[0-2零一二]|全组|全班|组里|每个人|没(?:有)?(?:交|签|到|来|选|提交)|未(?:交|签|到|提交)|还没|组员|老师们|参会|群里|所有|项目组|小组|大伙|其他人|负责人|导师们?|报名|[\u4e00-\u9fff]{1,6}组)"
_TELL = re.compile(
    rf"^(?:请|麻烦|帮我|帮忙|帮|你|给我|老师|助手|再|现在|[,， ])*"
    rf"(?:发(?:布|一下|个|一个|条|一条|送)?(?:个|一个|一条|条)?(?:通知|公告|消息|群消息|群通知)|(?:再)?群发|公告|广播|全员通知|通知[:：]|通知一下|周知|发群|"
    rf"(?:通知|告诉|告知|提醒|提示|转告|催促?|喊|叫|转达|跟|和|给)(?:一下|下|给)?(?:一下)?{_MANY}|"
    rf"(?:把[^。]{{1,40}}?)?(?:转发|转告|转达|转)(?:一下|给|到|下)?(?:给|到)?(?:大家|所有人|全体|群里|群|各位|同学|学生|他们|全组|:)|(?:把[^。]{{1,40}}?)(?:发给|发到|告诉|通知|推送给|转给)(?:大家|所有人|全体|群里?|各位|同学|学生|他们|全组|研)|"
    rf"(?:给|向|对){_MANY}(?:都)?[^。]{{0,8}}?(?:发|推送|说|群发|通知)|发给{_MANY}|转发|通知(?:研|全体|所有|各|同学|学生|没|未|还没)|催(?:一下|下|交)?{_MANY}?)"
)
# 通知李四:明天来 speaks to one person; the mark after the name keeps 通知李四明天来 apart from hearsay.
_TELL_ONE = re.compile(
    rf"^(?:请|麻烦|帮我|帮忙|给我)*(?P<verb>发?通知|告诉|告知|转告|转达)(?:一下|下|给)?\s*{NAMED_PERSON}(?:同学)?\s*(?:一下|一声)?[:,，]\s*(?P<message>.+)$",
    re.DOTALL,
)
_FORWARD = re.compile(
    r"(?:帮(?:我|忙)|请|麻烦).{0,4}(?:转发|群发|通知大家|告诉大家|发给大家|转告)|(?:转发|转告|通知)(?:一下|给|到)?(?:大家|各位|所有人|全体)|(?:发到|发在)群"
)


def broadcast(reading: Reading, mood: Mood) -> Decision | None:
    """A message to many people (T2, T11)."""
    text = reading.text
    if reading.normal.calls_everybody and text:
        return Decision("broadcast", {"message": text}, is_sure=False)
    one = _TELL_ONE.match(text)
    if one is not None and names_somebody(one["who"]) and not re.match(_MANY, one["who"]):
        return Decision("broadcast", {"name": one["who"], "message": one["message"].strip()})
    head = re.split(r"[:：\n]", text, maxsplit=1)[0]
    found = _TELL.match(text) or _FORWARD.search(head)
    if found is None:
        if (
            reading.has("broadcast")
            and re.search(r"通知|公告|群发|提醒大家", text)
            and not mood.is_question
            and (
                is_negated(head, r"发|通知|群发|公告|提醒|催|告诉")
                or mood.is_future
                or mood.is_reported
                or mood.is_hypothetical
            )
            and not re.search(r"给我|提醒我|通知我|我发", text)
        ):
            return NO_ACTION
        return None
    if mood.is_question and ":" not in text and _asks_about_telling(text):
        return None
    if re.match(r"^(?:催|转|和|跟|给|叫|喊)", found[0]) and reading.has("foreign"):
        return None
    if (
        (_TELL.match(text) is None and is_reported(head))
        or is_negated(head, r"发|通知|群发|公告|提醒|催|告诉")
        or re.search(r"(?:等会|晚点|回头|稍后|明天再|待会|打算|准备|如果|要是)", head)
    ):
        return NO_ACTION
    message = text[found.end() :].lstrip(":, ，")
    return Decision("broadcast", {"message": message} if message else {})


def _asks_about_telling(text: str) -> bool:
    return (
        re.search(
            r"^(?:怎么|如何|咋)|怎么(?:发|群发|通知|用|操作|弄)|为什么|为啥|发不出|吗\??$|了没|没有\??$|谁|多少|什么时候|能不能|可以|是不是|有没有",
            text,
        )
        is not None
    )


_SESSION = r"分享|会(?!员|计|不会|有|来|去|迟|晚|说)|讲座|汇报|活动|课(?!题|件|前)|培训|学习|研讨|报告会|答辩|场|专题|例会|开会"
_CALL_OFF = re.compile(
    r"取消|不(?:用)?(?:开|讲|办|搞|上|举行|进行)了|停(?:一次|开|办|课|讲|了|掉|一周)|暂停|叫停|砍掉|不(?:开|讲|办|搞|上)[^,。]{0,10}了|不再(?:举行|开)|不用来了|撤销|撤掉|撤了|停一"
)
_MOVED = re.compile(
    r"改(?:到|成|为|在|线上|线下|由|期|时间|地点|一下|个|换)|推迟|延(?:后|期|迟|到)|提[前早](?:到|至|[半一二两三四五六七八九十\d])|提前|挪(?:到|一下|个)?|调(?:整)?(?:到|成|为|至|一下)|换(?:到|成|为|个|教室|会议室|地方|时间|人|[\u4e00-\u9fff]{1,4}(?:来)?讲|[\u4e00-\u9fff]{1,3}(?:老师|教授|博士))|移(?:到|至)?|顺延|变更|往[后前](?:推|挪|延|调)|推(?:后|到|至)|对调|互换|定在|定到|改\s*\d|由[\u4e00-\u9fff]{1,4}(?:老师|教授|博士)?(?:来)?讲"
)
_OWN_THINGS = re.compile(
    r"选题|请假|报告(?!会|厅)|ppt|论文|提醒|绑定|学号|签到(?!时间|地点|方式)|成绩|评分|我的(?!分享|场|会|课|讲)|题目(?!改|换)|密码|手机|微信|头像|作业|名字"
)


def session_change(reading: Reading, mood: Mood) -> Decision | None:
    """A session is called off, or its time, place, speaker or topic changes."""
    text = reading.text
    has_session = re.search(_SESSION, text) is not None or reading.has("place", "session")
    if mood.is_question or not (has_session or reading.has("date")) or reading.has("foreign"):
        return None
    if (
        reading.has("early", "late", "leave")
        or EARLY.search(text)
        or (reading.has("absent") and not reading.has("session"))
    ):
        return None
    if _OWN_THINGS.search(text) or is_noun_phrase(reading):
        return None
    called_off, moved = _CALL_OFF.search(text), _MOVED.search(text)
    if called_off is None and moved is None:
        return None
    if not has_session and not _bare_change(reading):
        return None
    if mood.is_hypothetical or mood.is_undecided or mood.is_reported or mood.has_failed:
        return NO_ACTION
    if is_before(reading, reading.now):
        return NO_ACTION
    verbs = r"取消|改|推迟|延|提前|挪|调|换|移|停"
    if is_negated(text, verbs) or re.search(r"(?:先|暂时|还)不(?:取消|改|推|延|调|换|停)", text):
        return NO_ACTION
    if _LATER.search(text) or (mood.is_past and re.search(r"已经?|昨天|刚才|上次|之前", text)):
        return NO_ACTION
    if (
        reading.role == "student"
        and re.search(r"(?:取消|推迟|改|换|延期|停|提前)[^,。]{0,12}了[。!~]*$", text)
        and not re.search(r"把|请|帮|吧", text)
    ):
        return NO_ACTION
    if (
        called_off is not None
        and (moved is None or called_off.start() < moved.start())
        and not re.search(r"(?:改|推迟|挪|换|移|延)(?:到|成|至|期)", text)
    ):
        return Decision("cancel")
    return Decision("reschedule", change_slots(text), is_sure=True)


_LATER = re.compile(
    r"(?:等会儿?|晚点|回头|稍后|待会儿?|到时候?|以后|改天)(?:再|就)?(?:改|取消|推|调|换|说|通知)|再说"
)


def _bare_change(reading: Reading) -> bool:
    """取消 7/18, 改 7/13 15:00: the command with a date and nothing strange beside it."""
    return sum(map(len, reading.unknown)) <= 4 and not reading.has(
        "reward", "rule", "leave", "absent", "online"
    )


_PLACE = re.compile(
    r"(?:地点|教室|会议室|会场|地方)?(?:改|换|移|挪|调|定)?(?:到|成|在|为|至)\s*(?P<place>[a-z]?\d{2,4}[a-z]?(?:会议室|教室|室)?|[\u4e00-\u9fffa-z\d]{1,12}(?:会议室|教室|报告厅|楼|机房|实验室|厅|室))|(?:^|\s)(?P<bare>[a-z]\d{2,4})(?:\s|$)"
)


def change_slots(text: str) -> dict[str, Slot]:
    """What a text says of the change of a session; its place, if it names one."""
    found = _PLACE.search(text)
    if found is None:
        return {}
    place = found["place"] or found["bare"]
    return {"place": place.upper()} if place else {}


_OFF = re.compile(
    r"(?:关(?:闭|掉|了|一下|上)?|取消|停(?:止|掉|了)?|退订|屏蔽|不要再?|别再?|不用再?|不想再?|不需要|免|暂停|别老|别总|删掉|去掉|不再|无需|甭|少给?)[^,。]{0,8}(?:提醒|推送|通知|消息|打扰|叫|喊|催|提示|吵|发)|(?:提醒|推送|通知|消息)[^,。]{0,4}(?:关(?:闭|掉|了|一下)|取消|停(?:掉|了)?|退订|屏蔽|不用了|不要了|不需要|去掉|删了)|(?:提醒|推送|通知|消息)(?:太多|太吵|好多|好烦|太烦)[^。]{0,6}(?:关|停|取消|别|不要)|免打扰|勿扰"
)
_ON = re.compile(
    r"(?:打?开(?:启|一下|通)?|恢复|启用|订阅|重新开|开下|继续|需要|记得|帮我|给我|请|加个?|设个?|设置|到时候?|要)[^,。]{0,10}(?:提醒|推送|通知我|叫我|喊我|消息推送)|(?:提醒|推送)[^,。]{0,4}(?:打?开(?:启|一下)?|恢复|启用)"
)
_LEAD = re.compile(
    r"(?:提前|提早|课前|会前|开始前|分享前|开会前|上课前|之前|前|早|改成|改为|设为|设成|调成|调到|:)\s*(?P<n>半|一刻|\d{1,5}(?:\.5)?|[零一二三四五六七八九十两百]{1,4})\s*个?(?P<half>半)?\s*(?P<unit>小时|钟头|分钟|刻钟|钟|分|天|周|星期|礼拜|min|h)(?P<half2>半)?|(?P<n2>半|\d{1,3}|[一二三四五六七八九十两]{1,3})\s*个?(?P<unit2>小时|钟头|分钟|刻钟|天)(?:之)?前"
)
_ME = re.compile(
    r"(?:提醒|通知|叫|喊|推送|催|提示|戳|cue)(?:一下|下|给)?我|给我(?:发|推送|来|设|个|定).{0,6}(?:提醒|通知|消息|推送)|我.{0,6}(?:提醒|推送)|^(?:课前|会前|开会前|上课前|分享前|提前).{0,12}(?:提醒|叫|喊|通知)"
)


_SETTING = re.compile(
    r"^(?:看看?|查看?|查一下|查询)?(?:我的?)?(?:课前|上课)?提醒(?:的)?(?:设置|时间|安排|状态|方式)?(?:是什么|是几点|呢)?[?!]*$"
    r"|^(?:你|那你?|还)?(?:一般|会|是|都)*"
    r"(?:在?(?:什么时候|啥时候|何时|几点|哪天)|提前(?:多久|多少|几)\S{0,3}|会不会|会|有没有|有)(?:会|再|给)?"
    r"(?:课前)?(?:提醒|通知我|叫我)(?:一下|下)?(?:我|我们)?(?:一次)?(?:吗|呢|啊|的)?[?!]*$"
)
_EVENING = re.compile(r"(?:前一?天|头天|前一?)晚上?")
_DEFAULT = re.compile(r"默认|原来的?(?:时间|提醒)")


def reminder(reading: Reading, mood: Mood) -> Decision | None:
    """The sender's own reminders: on, off, or with another lead time (T11)."""
    text = reading.text
    if not re.search(r"提醒|推送|通知|消息|叫|喊|打扰|吵|催我|提示|勿扰|别.{0,3}发", text) or re.search(
        rf"(?:提醒|通知|告诉|催){_MANY}", text
    ):
        return None
    if _SETTING.search(text) or (_EVENING.search(text) and re.search(r"提醒|叫|喊", text)):
        return Decision("reminder", {"action": "show"})
    speaks_of_own = (
        _ME.search(text)
        or re.search(r"提醒|推送", text)
        or (re.search(r"通知|消息|打扰|吵", text) and _OFF.search(text))
    )
    if not speaks_of_own or is_reported(text):
        return None
    if mood.is_question and not re.search(
        r"(?:可以|能|能不能|可不可以|麻烦|可否)[^。]{0,12}(?:提醒|叫|喊)(?:一下|下)?我", text
    ):
        return None
    if re.search(r"(?:谢谢|感谢|多谢)(?:你|您)?的?(?:提醒|通知)|提醒(?:到|得)(?:好|了)", text):
        return Decision("thanks")
    if reading.has("foreign") and not reading.has("session", "checkin", "report", "ppt"):
        return Decision("out_of_scope")
    if re.search(r"通知(?:先|暂时)?(?:别|不要|不用)发|先别发", text):
        return NO_ACTION
    lead = lead_minutes(text)
    if lead is not None:
        return Decision("reminder", {"action": "set", "lead_minutes": lead})
    if _OFF.search(text) or re.search(r"别(?:再|老|总)?(?:给我)?(?:发|推|提醒|通知|叫|催)", text):
        if re.search(r"(?:先|暂时)?(?:别|不要|不)关", text):
            return NO_ACTION
        return Decision("reminder", {"action": "off"})
    if mood.is_hypothetical or mood.is_past:
        return NO_ACTION if not _ME.search(text) else Decision("reminder", {"action": "on"})
    if re.search(r"(?:没|未)[^,。]{0,4}(?:提醒|收到|推送|通知)", text):
        return NO_ACTION
    if _DEFAULT.search(text) and re.search(r"提醒", text):
        return Decision("reminder", {"action": "default"})
    if _ON.search(text) or _ME.search(text):
        if sum(map(len, reading.unknown)) > 3 and not reading.has(
            "session", "checkin", "report", "ppt", "submit", "topic", "switch_on"
        ):
            return Decision("out_of_scope")
        return Decision("reminder", {"action": "on"})
    return None


def lead_minutes(text: str) -> int | None:
    """The lead time that a text names, in minutes; None without one."""
    found = _LEAD.search(text)
    if found is None or not re.search(r"提醒|叫|喊|通知|推送|戳|提示", text):
        return None
    said, unit = found["n"] or found["n2"], found["unit"] or found["unit2"]
    if said == "一刻":
        return 15
    per = {
        "小时": 60,
        "钟头": 60,
        "h": 60,
        "刻钟": 15,
        "天": 1440,
        **dict.fromkeys(("周", "星期", "礼拜"), 10080),
    }.get(unit, 1)
    if said == "半":
        return per // 2
    count = float(said) if "." in said else whole_number(said)
    if count is None:
        return None
    half = 0.5 if found["half"] or found["half2"] else 0.0
    return int((count + half) * per)

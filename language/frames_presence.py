"""Frames of being there or not: check in (T8), and leave, online, late, early (T4, T14)."""

from __future__ import annotations

import re
from datetime import date, datetime

from language.decision import (
    NO_ACTION,
    Decision,
    is_about_self,
    is_name,
    name_in,
)
from language.mood import Mood, is_after, is_before, is_negated, is_of_others
from language.reading import Reading
from language.understood import Slot
from language.veto import is_noun_phrase, stopped

_LATER = re.compile(r"到时候?|以后再|再(?:请|说|申请)|等.{1,8}再|改天|下次|先不|回头")
_ROOM = r"(?:会场|教室|会议室|现场|场|报告厅|机房|会议|场地|分享会|会议厅|座位|位子|[a-d]?\d{3,4}(?:教室|会议室)?|[a-z]\d{2,4})"
_WHO = (
    # 老师,到了 speaks to somebody; 老师到了 and 大家来了 speak of somebody else.
    r"(?:(?:老师|张老师|同学们|各位|大家|报告)(?:[,! ]*(?:好|您好))?(?:[,! ]+|(?=我|本人|俺)))?"
    r"(?:我们|我这边|我人|我|本人|人|俺)?"
)
_ARRIVED = re.compile(
    rf"^{_WHO}(?:也|都|今天|现在|准时|终于|按时|刚刚|刚|已经|已|早就|人)*"
    rf"(?:(?:到|来到|到达|抵达|走进|进|赶到|来)(?:了|达)?(?:咱们)?{_ROOM}?(?:里|门口|里面|这里|这儿)?(?:了|啦|咯|喽|嘞|哈|啊|呀|坐好|坐下|等着)*"
    rf"|(?:在|坐在)(?:{_ROOM})(?:里|里面|坐着|等着|坐好)?(?:了|啦|呢|咯)*|(?:坐好|坐下|就位|入座|落座|到位|进场|入场|到场|在场)(?:了|啦)?)"
    r"(?:[,! ]*(?:老师|谢谢|请签到|签到|签个到|请记录|请登记|打卡|来签到))*[!~。. ]*$"
)
_CHECKIN_VERBS = r"签|打(?:个)?卡|报(?:个)?到|点到|check|到(?:场|会|位|教室|了)|来"
_CODE = re.compile(
    r"(?:码|口令|验证码|签到|打卡|数字|是|:)\s*(?:是|为|:)?\s*(\d{3,8})(?!\d|号|年|月|元)|^(\d{4,8})\s*签到|签到.{0,4}?(\d{4,8})(?!\d)"
)
_SIGNED_ALREADY = re.compile(
    r"(?:已经?|早就|早|都|刚才?|刚刚|上次|之前|昨天)[^,。]{0,4}(?:签|打过?卡|报过?到)|签过到?|签过了|打过卡|签到过|签到完|签完到"
)
_FULL_CHECKIN = re.compile(
    r"签不|签\s*(?:个|一下|下|一个|上|了|过|完|的)?\s*到|打(?:个|一下|下)?卡|报(?:个)?到|点到|补签|签一下|签上|签到码"
)
_CHECKIN_OTHER = re.compile(
    r"签到(?:成功|记录|奖|积分|领|送|表|页面|码多少|截止|开始|结束|本|墙|系统|小程序|功能|规则|二维码)|酒店|健身|游戏|学习强国|到账"
)


# Only a text that is a check-in and nothing else is surely one; what carries more is asked back.
_PLAIN = re.compile(
    r"(?:(?:老师|张老师|您好|你好|大家好|在吗)[,! ]*)*"
    r"(?:我|本人|俺)?(?:也|都|今天|现在|准时|按时|刚刚?|已经?|终于)*(?:要|来|想要?)?[, ]*"
    r"(?:(?:我)?(?:也|刚|已经?)*(?:到|来|在)(?:教室|会场|会议室|现场|场|位)?(?:里)?(?:了|啦)?[,! ]*)?"
    r"(?:请|麻烦)?(?:给|帮)?我?[, ]*"
    r"(?:签一?个?到|签到|签一下到?|签个到|签了?|打一?个?卡|报一?个?到|check ?in)"
    r"(?:一下|下|打卡|了|啦|咯|喽|哈|呀|吧|哦|嘞|噢)*"
    r"(?:[,! ]*(?:谢谢|谢啦|老师|辛苦了|我到了|到了))*"
    r"[:, ]*(?:(?:签到)?码?(?:是|为)?[: ]*\d{3,8})?[!。~. ]*"
)
_FROM_AFAR = re.compile(r"线上|网上|远程|腾讯会议|在家|宿舍")
_NOT_NOW = re.compile(
    r"一会儿?|等会儿?|待会儿?|等下|等一下再|晚点|稍后|回头|过会|但|可是|不过|还没|没到|太|麻烦死|(?:结束|关闭|停止)签到"
)


def check_in(reading: Reading, mood: Mood) -> Decision | None:
    """The sender is present or asks to be checked in (T8)."""
    text = reading.text
    arrived = _ARRIVED.match(text) is not None
    full = _FULL_CHECKIN.search(text) is not None
    if mood.is_question:
        return None
    if not arrived and not full:
        return _another_arrived(reading) or _not_yet_there(reading, mood)
    if full and _FROM_AFAR.search(text):
        return Decision("online_checkin")
    if full and _NOT_NOW.search(text):
        return NO_ACTION
    if reading.has("collect") or _CHECKIN_OTHER.search(text) or is_noun_phrase(reading):
        return None
    if reading.has("foreign") and not reading.has("code_word"):
        return Decision("out_of_scope") if not arrived else None
    if arrived and not full:
        return Decision("check_in", is_sure=True)
    return _of_another_time(reading, mood) or _checked_in(reading, mood)


def _of_another_time(reading: Reading, mood: Mood) -> Decision | None:
    """A check-in that failed, is done already, is still to come, or should be made up for."""
    text = reading.text
    if is_after(reading, reading.now):
        return NO_ACTION
    is_over = is_before(reading, reading.now)
    is_own = not name_in(reading) and not is_of_others(reading)
    is_told = mood.has_failed or _SIGNED_ALREADY.search(text) is not None
    if is_told and is_own and not is_over:
        return Decision("checkin_told")
    if _SIGNED_ALREADY.search(text):
        return NO_ACTION
    if not is_over:
        return None
    makes_up = "补" in text and stopped(reading, mood, _CHECKIN_VERBS, past=False) is None
    return Decision("late_checkin", {}) if makes_up else NO_ACTION


_DONE_BY_ANOTHER = re.compile(
    r"(?:他|她|他们|别人|室友|同学|[\u4e00-\u9fff]{2,3})(?:帮|替|给)我[^,。]*(?:了|过)"
)
_SPEAKS_OF_IT = re.compile(r"签到(?:系统|功能|机制|方式|制度|这|那|就是|是为|都是|应该|不|没)")


def _checked_in(reading: Reading, mood: Mood) -> Decision:
    """The check-in of a text that names it, unless the mood or a stranger word speaks against it."""
    text = reading.text
    veto = stopped(reading, mood, _CHECKIN_VERBS, past=not re.search(r"已(?:经)?到|刚到", text))
    if veto is not None:
        return veto
    who = _checkin_name(reading)
    if who is not None and re.search(r"签到?了|签过|帮我|替我|给我", text):
        return NO_ACTION
    if _DONE_BY_ANOTHER.search(text):
        return NO_ACTION
    slots: dict[str, Slot] = {}
    code = _CODE.search(text)
    if code is not None:
        slots["code"] = next(group for group in code.groups() if group)
    if who is not None:
        slots["name"] = who
    if "补签" in text:
        return Decision("late_checkin", slots | _rest(text, r"补签到?"))
    strange = sum(len(word) for word in reading.unknown) - len(who or "")
    if strange > 4 or _SPEAKS_OF_IT.search(text):
        return NO_ACTION
    return Decision("check_in", slots, is_sure=_PLAIN.fullmatch(text) is not None)


def _another_arrived(reading: Reading) -> Decision | None:
    """王小明已到: the named person is there."""
    named = reading.of("name")
    if not named or named[0].start != 0:
        return None
    rest = reading.text[named[0].end :].strip(" ,")
    if re.fullmatch(r"(?:同学)?(?:已到|到场|已到场|在场|到)", rest) is None:
        return None
    return Decision("check_in", {"name": named[0].word}, is_sure=False)


def _not_yet_there(reading: Reading, mood: Mood) -> Decision | None:
    text = reading.text
    if reading.has("foreign") or mood.is_question:
        return None
    on_the_way = re.search(
        r"^(?:我|我们|老师)?(?:快要?|马上就?|就快|立刻|很快就?|即将|就要)(?:要)?到(?:了|啦|教室|会场|会议室|场|楼下)*[!~。]*$",
        text,
    )
    not_there = re.search(
        rf"(?:还|我)?(?:没有?|未|还在路上)(?:到|来)?(?:{_ROOM}|齐)?(?:呢|啊|了)?$", text
    ) and reading.has("arrive", "attendance")
    if on_the_way or not_there or re.search(r"(?:还)?在路上|在赶来|正在赶|赶过来|在来的路上", text):
        return NO_ACTION
    return None


def _checkin_name(reading: Reading) -> str | None:
    found = re.search(r"(?:帮|给|替|为|代)([\u4e00-\u9fff]{2,4}?)(?:同学)?(?:签|打|补|报)", reading.text)
    if found is not None and is_name(found[1]):
        return found[1]
    return name_in(reading)


def _rest(text: str, head: str) -> dict[str, Slot]:
    rest = re.sub(rf"^.*?(?:{head})", "", text, count=1).strip(" ,:。")
    return {"reason": rest} if rest else {}


_LEAVE_VERBS = r"请(?:个|一下|病|事|[一半两]天)?假|告假|休假"
_LATE = r"晚(?:到|来|点到|点来|进)|迟到|晚\s*个?(?:半|\d+|[一二三四五六七八九十几两]+)\s*个?(?:小时|分钟|刻钟|会儿?|点)?(?:左右)?(?:才)?(?:能)?(?:到|来)|(?:到|来)得?晚"
EARLY_PATTERN = r"中途.{0,3}(?:离开|走|退|撤)|提[前早].{0,4}(?:走|离开|退|撤|离场)"
EARLY = re.compile(EARLY_PATTERN)
_LOOSE = re.compile(rf"请[^,。;!?]{{1,6}}假|假.{{0,3}}请|{_LATE}|{EARLY_PATTERN}")
_EVENT_ONLY = re.compile(r"(?:线上|网上|远程)(?:会议|链接|分享|讲座|直播|的?会)")


def leave(reading: Reading, mood: Mood) -> Decision | None:
    """Absence, online attendance, coming late, leaving early (T4, T14)."""
    text = reading.text
    if not reading.has("leave", "absent", "online", "late", "early") and not _LOOSE.search(text):
        return None
    if (
        re.search(
            r"(?:不|没|没有|不会|别|未|绝不|从不|从没)(?:会|想|再|敢|要|能)*(?:迟到|缺席|早退|缺勤|旷课)",
            text,
        )
        and not mood.is_question
    ):
        return NO_ACTION
    if is_noun_phrase(reading) or reading.has("collect", "pending"):
        return None
    if mood.is_question:
        return _polite_leave(reading, mood)
    if re.search(r"(?:同意|批准|驳回|拒绝|批了|不批)", text):
        return None
    if re.search(r"假条", text) and not re.search(r"请(?!假条)|交", text):
        return NO_ACTION
    if _EVENT_ONLY.search(text) and not reading.has("leave", "absent", "late"):
        return None
    if not _speaks_of_attendance(reading):
        return None
    if is_negated(text, _LEAVE_VERBS) or re.search(r"(?:不用|不|别|无需|没有?|未)[^,。]{0,3}线上", text):
        return NO_ACTION
    if (
        mood.is_hypothetical
        or mood.is_undecided
        or mood.is_reported
        or _LATER.search(text)
        or _is_told(reading, mood)
    ):
        return NO_ACTION
    if mood.has_failed and not reading.has("absent", "late"):
        return NO_ACTION
    return _taken(reading)


def _speaks_of_attendance(reading: Reading) -> bool:
    """Weak words (不来, 晚到, 线上) mean attendance only without another world around them."""
    if reading.has("leave"):
        return True
    if re.search(
        r"(?:火车|高铁|飞机|航班|快递|外卖|公交|地铁|菜|货|水|电).{0,4}(?:晚点|迟到|晚到|不来|没来|来不了|到不了)",
        reading.text,
    ):
        return False
    if reading.has("foreign") and not reading.has("reason", "session", "date"):
        return False
    if reading.has("early", "online") and not reading.has("absent", "late"):
        return sum(map(len, reading.unknown)) <= 8
    return True


_TOLD = re.compile(
    r"本来|本想|原本|当初|后来|上[次回学]|那[次回天]|有一[次回]|记得有|(?:的请假|请假的事?)(?:先|暂时|明天|我|晚点|回头)|请假的(?:是|都)|(?:室友|同学|同桌|哥们|老二|小[\u4e00-\u9fff]|妈妈?|爸爸?).{0,6}(?:请假|请了|迟到|说)|"
    r"^机器人|准点|(?:不会|没|不算)迟到|迟到是因为|怕是要|下[次回]|打算.{0,4}(?:一次都|不)请|能请假我早"
)


def _is_told(reading: Reading, mood: Mood) -> bool:
    text = reading.text
    if _TOLD.search(text) and not re.search(r"帮.{2,4}请|替.{2,4}请|给.{2,4}请|代.{2,4}请", text):
        return True
    if is_before(reading, reading.now) and not re.search(r"补", text):
        return not _asks_afterwards(reading)
    return (
        mood.is_past
        and re.search(r"(?:请|迟到|缺席|早退|来|去).{0,3}(?:了|过)", text) is not None
        and not re.search(r"要|申请|不能|来不了|去不了", text)
    )


_LEAVE_COMMAND = re.compile(r"^(?:补?(?:请|告)(?:个|病|事)?假)[\s:,]*")
_OVER = re.compile(r"请过|请了|批了|批过|同意|驳回|已经|说过|说了|来了|来过|到了|休了|休过")


def _asks_afterwards(reading: Reading) -> bool:
    """请假 昨天 发烧: the shape of the command, only too late; a story about it has other words."""
    found = _LEAVE_COMMAND.match(reading.text)
    if found is None or _OVER.search(reading.text):
        return False
    return bool(reading.dates) and reading.dates[0].start == found.end()


def _polite_leave(reading: Reading, mood: Mood) -> Decision | None:
    """A request phrased as a question is leave once a reason stands beside it (T4)."""
    text = reading.text
    if (
        mood.asks not in ("may", "whether", "did", "howmany", "what")
        or mood.is_hypothetical
        or mood.is_reported
    ):
        return None
    if re.search(
        r"(?:了|过)(?:吗|没|没有|么)|是不是|会不会|几次|多少|怎么|为什么|谁|什么|算|扣|怎样|批", text
    ):
        return None
    asks_leave = re.search(r"可以|能|可否|行|好吗|吗|成不|准", text) is not None
    if not (asks_leave and _has_reason(reading)):
        return None
    if reading.has("leave", "absent", "online", "late", "early"):
        return _taken(reading)
    return None


def _has_reason(reading: Reading) -> bool:
    return reading.has("reason")


def _taken(reading: Reading) -> Decision:
    sure = reading.has("leave") or (
        reading.has("absent", "late", "online") and sum(map(len, reading.unknown)) <= 10
    )
    return Decision("leave", leave_slots(reading), is_sure=sure and not _is_doubtful(reading))


_COMES_AFTER_ALL = re.compile(r"(?:能|可以|会)(?:来|到|去|参加)(?!不了)|来得了")
MANY_DAYS = 7  # leave of more days than a week is asked back: a whole month is quickly said


def _is_doubtful(reading: Reading) -> bool:
    """上午请假下午能来, 这个月都来不了: what would be filed is asked back first."""
    span = reading.span
    first, last = (span.start, span.end) if span is not None else (None, None)
    is_of_days = isinstance(first, date) and isinstance(last, date)
    is_of_days = is_of_days and not isinstance(first, datetime) and not isinstance(last, datetime)
    is_long = is_of_days and (last - first).days >= MANY_DAYS  # type: ignore[operator]
    return is_long or "了吧" in reading.text or _COMES_AFTER_ALL.search(reading.text) is not None


def leave_slots(reading: Reading) -> dict[str, Slot]:
    """How somebody will be missed, who, and why, as far as the text says it."""
    text = reading.text
    slots: dict[str, Slot] = {}
    if reading.has("online"):
        slots["mode"] = "online"
    elif reading.has("late") or re.search(_LATE, text):
        slots["mode"] = "late"
    elif not reading.has("early") and not EARLY.search(text):
        slots["mode"] = "absent"
    name = _absent_name(reading)
    if name is not None:
        slots["name"] = name
    reason = _leave_reason(reading)
    if reason:
        slots["reason"] = reason
    return slots


def _absent_name(reading: Reading) -> str | None:
    found = re.search(r"(?:帮|替|给|为|代)([\u4e00-\u9fff]{2,4}?)(?:同学)?(?:请|说|报|申请|提)", reading.text)
    if found is not None and is_name(found[1]):
        return found[1]
    return None if is_about_self(reading.text) else name_in(reading)


def _leave_reason(reading: Reading) -> str:
    rest = re.sub(
        r"请(?:个|一下|病|事|一天|半天|两天)?假|申请|线上(?:参加|听)?|^我|要|想|老师[,好]*"
        r"|^(?:我?可?能?)?(?:来|去|参加)不了了?(?=[ ,。]|$)|^不(?:来|去|参加)了(?=[ ,。]|$)",
        "",
        reading.undated,
    )
    rest = re.sub(r"麻烦|拜托|帮忙?我?|请(?=$|您|你|老师)|一下|吧|可以吗|望批准|恳请批准", "", rest)
    rest = re.sub(r"^[、,。\s和跟与]*都?(?:不在|来不了|去不了)?了?(?=[,。\s]|$)", "", rest)
    return rest.strip(" ,。:!~的、")[:60]

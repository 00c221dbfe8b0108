"""Questions about one's own record (T3)."""

from __future__ import annotations

import re

from language.decision import Decision, is_about_self
from language.mood import Mood
from language.queries_help import act_named
from language.reading import Reading
from language.understood import Slot

_OWN_RECORD = re.compile(
    r"我(?:的|这|本人)?[^,。!?]{0,10}(?:考勤|出勤|签到|提交|成绩|分数|评级|担保|进度|状态|记录|得分|次数|申请|请假|缺勤|迟到|选题|报告|情况|任务|缺席|题目|课题|ppt|等级|信息)"
)
_DID = re.compile(
    r"(?:了|过|上|好|成功|完|到)(?:没有?|吗|么|嘛|不|$)|有没有|是不是|是否|没有\??$|没\??$|成功|几次|几回|多少次|多少分|几分|几天|哪个|哪几|什么|啥|第几|多少|了\?|([签交选批到改评打上请])没\1|如何|怎么样|咋样|情况"
)
_LACK = re.compile(
    r"(?:还|都|又)?(?:差|缺|欠|漏|少)(?:什么|啥|哪|几|多少)|(?:还)?有(?:什么|啥|哪些|哪)(?:东西|任务|事情?|材料)?(?:没|未|需要|要)(?:有)?(?:交|做|完成|提交|弄|签|写|处理)|还(?:有|剩)(?:什么|啥|哪些|几)|没(?:有)?(?:完成|做)(?:的)?(?:什么|哪些|吗)|(?:还)?(?:要|需要|得)(?:交|做|完成|补)(?:什么|啥|哪些)"
)


_DONE_ACT = re.compile(
    r"(?:签到?|交|选|请假?|绑定?|批|评|提交|上传|登记|打卡|记|收)(?:上|好|完)?(?:成功|了|过|上|好|完|没)|成功"
)


_CHOSEN_OR_DONE = re.compile(
    r"我(?:之前|当时|上次|现在|已经|最后)*选(?:了|的|中)(?:是|的|了)*(?:哪|什么|几|啥|第几)|我(?:的)?(?:完成|做)了?(?:多少|几|哪些|什么|百分)"
)
_HOW_OFTEN = re.compile(r"我(?!们).{0,8}(?:几|多少)[次回](?!机会)")
_WHERE_TO_SEE = re.compile(r"(?:看|查|查看|知道).{0,3}我的")
_WHEN_CHOSEN = re.compile(r"我.{0,6}(?:几点|什么时候).{0,4}(?:签|交|到|选)(?:的|了)")
_WHEN_DONE = re.compile(r"我.{0,6}(?:几点|什么时候).{0,4}(?:签|交|到)(?:的|了)")
_ASKS_LEAVE = re.compile(r"能不能|可以|可不可以|能否|可否|行不行|要不要|必须|需要|允许|会不会|能(?!拿)|必要")
_ALREADY = re.compile(r"了(?:吗|没)|过(?:吗|没)")
_ASKS_ADVICE = re.compile(r"选(?:哪|什么|啥)|做(?:哪|什么|啥)|适合|推荐")
_OWN_MARK = re.compile(
    r"我(?:的)?(?:汇报|报告|这次)?(?:得|拿|考|评|打)(?:了|到|上)?(?:多少|几|什么|啥)分?(?!钱)"
)
_OWN_STANDING = re.compile(
    r"我(?:算|是)(?:不是)?(?:迟到|缺勤|通过|合格|到了)|我(?:被)?(?:记|算)(?:了|成|为)?(?:迟到|缺勤|到场)|我(?:过|通过|完成)(?:了)?(?:吗|没)|我拿到(?:了)?(?:几|多少)|我.{0,4}(?:迟到|缺勤|旷|缺席)(?:了|过)?(?:几|多少|吗|没)"
)


def my_status(reading: Reading, mood: Mood) -> Decision | None:
    """The sender's own record (T3)."""
    text = reading.text
    is_own = is_about_self(text)
    if reading.has("foreign") and not reading.has("checkin", "report", "ppt", "leave", "topic"):
        return None
    about = own_slots(text) or ({"about": "submit"} if _is_about_work(reading) else {})
    if _asks_what_is_missing(reading, is_own=is_own) or (is_own and _asks_own_past(text, mood)):
        return Decision("my_status", about)
    if (mood.asks == "when" and not _WHEN_DONE.search(text)) or mood.is_hypothetical:
        return None
    if mood.may_ask and _ASKS_LEAVE.search(text) and not _ALREADY.search(text):
        return None
    if _names_own_record(text, mood, is_own=is_own) or _asks_whether_done(reading, mood, is_own=is_own):
        return Decision("my_status", about)
    if is_own and (_OWN_MARK.search(text) or (mood.is_question and _OWN_STANDING.search(text))):
        return Decision("my_status", own_slots(text))
    return None


def own_slots(text: str) -> dict[str, Slot]:
    """Which part of the own record is meant, where a text names one that has an answer of its own."""
    if "担保" in text:
        return {"about": "guarantee"}
    return {"about": "attendance"} if _ATTENDANCE.search(text) else {}


_ATTENDANCE = re.compile(r"考勤|出勤|缺勤|迟到|旷|缺席|签到(?:记录|情况|次数)|请假(?:记录|情况)")


def _is_about_work(reading: Reading) -> bool:
    """报告交了吗 · 提交记录: about what was handed in and nothing else."""
    is_named = reading.has("report", "ppt", "paper", "patent") or re.search("提交|交了|交过", reading.text)
    return bool(is_named) and not reading.has("checkin", "topic", "leave", "talk", "session")


def _asks_what_is_missing(reading: Reading, *, is_own: bool) -> bool:
    return (
        _LACK.search(reading.text) is not None
        and (is_own or not reading.has("who", "everyone"))
        and not reading.has("session", "talk", "place", "plan", "reward", "topic")
    )


def _asks_own_past(text: str, mood: Mood) -> bool:
    """What I chose or did, how often, when, and where it can be seen."""
    if _CHOSEN_OR_DONE.search(text) or _WHEN_CHOSEN.search(text):
        return True
    if _HOW_OFTEN.search(text) and not mood.may_ask:
        return True
    return mood.asks in ("how", "where") and _WHERE_TO_SEE.search(text) is not None


def _names_own_record(text: str, mood: Mood, *, is_own: bool) -> bool:
    if _OWN_RECORD.search(text) is None:
        return False
    return is_own and _DID.search(text) is not None if mood.is_question else "我的" in text


def _asks_whether_done(reading: Reading, mood: Mood, *, is_own: bool) -> bool:
    """签到成功了吗: whether an act of one's own has been recorded."""
    text = reading.text
    if not mood.is_question or act_named(text) not in _OWN_ACTS or not _DID.search(text):
        return False
    if is_own and not _ASKS_ADVICE.search(text):
        return True
    return (
        mood.did_ask
        and mood.asks in ("did", "whether")
        and "被选" not in text
        and _DONE_ACT.search(text) is not None
        and not reading.has("who", "everyone", "session")
    )


_OWN_ACTS = frozenset({"check_in", "submit", "choose_topic", "leave", "bind", "approve", "grade"})

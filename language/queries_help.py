"""Questions about how an action is done, and about trouble with one (T3, T5)."""

from __future__ import annotations

import re

from language.decision import Decision
from language.mood import Mood, asks_how
from language.reading import Reading

_ACTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("reminder", re.compile(r"提醒|推送")),
    ("withdraw", re.compile(r"撤回|撤销|取消(?:请假|签到|选题|提交)|退选|销假|改选题|换选题|换题")),
    ("leave", re.compile(r"请假|请个假|病假|事假|的假|假条|线上(?!会议|链接)|远程|迟到|早退|缺席|晚到|来不了|不来|去不了|不去|不参加")),
    ("check_in", re.compile(r"签到|签个到|签不|打卡|报到|点到|补签|签了|签过|签上|没签|签没签|签的")),
    ("grade", re.compile(r"评分|打分|评级|评为|评定|给分")),
    ("approve", re.compile(r"同意|批准|审批|驳回|批假|批了|批没批")),
    ("bind", re.compile(r"绑定|注册|登记|换绑|解绑|学号|实名")),
    ("broadcast", re.compile(r"发通知|群发|公告|通知大家|转发")),
    ("cancel", re.compile(r"取消(?:一?场|分享|会|活动|讲座|汇报|[^,。]{0,6}(?:分享|的会|讲座|场))")),
    ("reschedule", re.compile(r"改(?:时间|期|地点|分享|会)|推迟|延期|调时间|换(?:教室|会议室|时间)")),
    ("submit", re.compile(r"提交|上传|(?<![社外成])交(?!通|流|换|大|往|易|友|朋|警|给我|谈|叉|代|接)|传(?:不|报告|ppt|上|到|哪)|发(?:给谁|到哪|哪)")),
    ("choose_topic", re.compile(r"选题|(?<![竞评当])选(?!手|修|举|课|秀|项|座)|换题|定题")),
)  # fmt: skip
_ABOUT_SESSION = re.compile(
    r"分享|会(?!员|计|不会|有|来|去|迟|晚|说|怎|扣|被|影响|算|给|批)|讲座|汇报|活动|课(?!题|件)|培训|组会|学习安排|讲|场(?!地)|专题|报告会"
)


def act_named(text: str) -> str | None:
    return next((name for name, pattern in _ACTS if pattern.search(text)), None)


def _subject(text: str) -> str | None:
    """The action that how-to questions are about; 选题 beats 提交 where both are named first."""
    return act_named(text)


def how_to(reading: Reading, mood: Mood) -> Decision | None:
    """How an action is done, or trouble with one (T3, T5)."""
    text = reading.text
    trouble = mood.has_failed and (mood.is_question or re.search(r"怎么办|咋办|求助|帮忙|救", text))
    wrong = re.search(r"(?:签|交|选|点|发|传|填|绑|绑定|提交)错", text)
    asks = asks_how(text) or mood.asks in ("how", "why") or re.search(r"怎么办|咋办|咋整", text)
    if not asks and not trouble:
        return _help_phrase(reading)
    if re.search(r"怎么(?:去|走|到)(?:会|教|场|那)|(?:会场|教室|会议室).{0,4}怎么(?:走|去)", text):
        return Decision("schedule_query")
    if reading.has("foreign") and not _is_domain_act(text):
        return None
    subject = _subject(text)
    if re.search(
        r"怎么(?:写|算|定|评|规定|要求|考核|排|分组|样才|才算)|如何(?:写|算|评|考核)|咋(?:写|算|评)|多久算",
        text,
    ) and not re.search(r"怎么(?:评分|打分|评级|评价)", text):
        return (
            Decision("rules")
            if reading.has(
                "report", "ppt", "paper", "rule", "late", "leave", "grade", "session", "attendance"
            )
            else None
        )
    if re.search(
        r"怎么(?:样)?(?:没|不)(?:开|讲|上|办|通知)|为什么(?:取消|改|不开|推迟|没)|怎么(?:取消|改)了", text
    ) and _ABOUT_SESSION.search(text):
        return Decision("schedule_query")
    if subject is None:
        phrase = _help_phrase(reading)
        if phrase is not None:
            return phrase
        return (
            Decision("help")
            if re.search(
                r"(?:这个|你|机器人|助手|系统|bot|软件|小程序).{0,4}(?:怎么|如何|咋)|(?:怎么|如何|咋)(?:用|使用|操作|和你|跟你)",
                text,
            )
            else None
        )
    if subject == "choose_topic" and re.search(r"选题(?:怎么样|咋样|如何$)", text):
        return Decision("topic_query")
    if wrong is not None and "错" in text and subject != "check_in":
        return Decision("help", {"about": subject})
    return Decision("help", {"about": subject})


def _is_domain_act(text: str) -> bool:
    return re.search(r"签到|报告|ppt|选题|请假|绑定|提醒|论文|专利|评分|通知|撤回|汇报", text) is not None


def _help_phrase(reading: Reading) -> Decision | None:
    text = reading.text
    if re.search(
        r"(?:你|机器人|助手|系统|这个bot).{0,6}(?:能|会|可以|有)(?:干|做|帮|用|什么|啥|哪些)|(?:什么|哪些|啥)(?:功能|指令|命令|用法)|(?:功能|指令|命令)(?:有|列表|说明|大全)|使用(?:说明|方法|教程)|(?:签到|提交|请假|选题|绑定|评分|上传)(?:的)?(?:教程|步骤|流程|方法|入口|操作)|人工(?!智能)|客服|帮助|不会用|菜单|说明书|手册|(?:你|都)会(?:些|点)?(?:什么|啥|哪些)",
        text,
    ):
        if reading.has("foreign"):
            return None
        subject = _subject(text)
        return Decision("help", {"about": subject} if subject else {})
    return None

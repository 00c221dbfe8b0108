"""Questions about money, and about requirements, limits, deadlines and duty (T3, T4, T10, T12)."""

from __future__ import annotations

import re

from language.decision import Decision
from language.mood import Mood
from language.reading import Reading

_MONEY = re.compile(
    r"奖励|补贴|补助|奖金|撰写费|津贴|稿费|酬劳|报酬|房补|住宿补|住房补|费用|每份.{0,8}(?:是|指|意思|怎么|按|什么|算)"
)
_MONEY_SOFT = re.compile(
    r"多少钱|拿钱|给钱|发钱|有钱|领钱|钱拿|块钱|[48]00(?:元|块)?|能?拿(?:到)?多少|给多少|能领多少|到账|报销|发多少|奖多少|补多少|的钱|钱(?:怎么|什么时候|多|少|吗)|几百块|工资|报酬|激励|物质"
)
_MONEY_FOREIGN = re.compile(
    r"奖学金|助学金|红包|彩票|工资|中奖|外卖|房租|电费|学费|手机|机票|车票|打车|刷单|兼职|贷款|股|基金|代写|奖杯|拼多多|淘宝"
)


def rewards(reading: Reading, _mood: Mood) -> Decision | None:
    """The programme's money (T12)."""
    text = reading.text
    if (_MONEY_FOREIGN.search(text) and not re.search(r"补助|补贴|撰写费|房补", text)) or _GRADING.search(
        text
    ):
        return None
    if _MONEY.search(text) or (
        _MONEY_SOFT.search(text) and not reading.has("foreign") and not re.search(r"\d{4,}", text)
    ):
        return Decision("rewards")
    return None


_GRADING = re.compile(r"^(?:评分|打分|给.{2,4}打)")


_DEADLINE = re.compile(
    r"截止|最晚|最迟|期限|deadline|(?:什么时候|何时|几号|哪天|几点|多久|啥时候|几月几号|周几|哪一天|什么时间|啥时)(?:之?前|以前)?(?:要|得|该|需要|必须|能|可以|开始)?(?:要|之前)?(?:交|提交|上交|选题|选完|选好|定题|定|上传)|(?:报告|ppt|论文|专利|作业|材料|选题|提交|交)[^,。]{0,6}(?:什么时候|哪天|何时|多久|啥时候|几点|周几|截止)|(?:报告|ppt|论文|作业|材料|提交|交)[^,。]{0,6}几号|(?:时间|日期)(?:截止|到什么)|(?:交|提交|上交)(?:的)?(?:时间|日期)|还有(?:几天|多久)(?:截止|交)"
)
_RULES = re.compile(
    r"要求|规定|规则|格式|页|字数|多少字|必须|允许|算(?:不算)?(?:迟到|缺勤|旷|到|作|签|请假|违|几|一次)|扣分|模板|几分钟|多长(?:时间)?|多少分钟|硬性|强制|标准|条件|限制|上限|资格|考核|违规|处分|惩罚|后果|查重|重复率|英文|中文|宽限|逾期|最少|至少|最多|会(?:怎么样|怎样|如何|扣|被|有|影响)|有(?:什么|啥)?(?:后果|影响|惩罚)|没关系吗|行不行|有效|自愿|义务|多久算|几次算|几点算|超过|不少于|篇幅|下限|封顶|下载|原创|抄袭|单人|合作|两个人|多人|组队|一起(?:做|写|选)|重复选|需要(?:提前|带|交|参加|签|写|做|到|准备)|(?:要|用|得)(?:不要|不用)?(?:参加|来|去|到场|签到|交|写|穿|带|准备)|优良|(?:汇报|每人|每个人|一个人|答辩)[^,。]{0,4}(?:多久|多长)|谁(?:批|审)|谁(?:来)?(?:评(?!为)|打分|给分)|评委|找谁|跟谁|向谁|几个工作日|担保|用什么(?:软件|模板|格式|语言)"
)
_DOMAIN = (
    "report",
    "ppt",
    "paper",
    "patent",
    "work",
    "checkin",
    "submit",
    "leave",
    "absent",
    "online",
    "late",
    "early",
    "choose",
    "topic",
    "session",
    "attendance",
    "rule",
    "grade",
    "bind",
    "request",
)


_DUTY = re.compile(
    r"(?:研[0-2零一二]|我们?|大家|同学|学生|必须|一定|都|可以|能)?.{0,6}(?:要不要|用不用|需不需要|需要|必须|可不可以|可以|能不能|能|要|用|得|非得|一定要)(?:都|也|全部|每次|每天|全程)?(?:不)?(?:参加|来|去|到|到场|出席)(?!哪|几)(?:全部|每一?场|所有|每次)?(?:的)?(?:吗|么|嘛|不|呢)?\\??$|(?:要不要|用不用|需不需要|必须)(?:参加|来|去|到场|出席|签到|交|带|写)"
)


_ENGINEERING = re.compile(
    r"工程(?:能力|任务|部分|项目)?(?:的培养)?(?:怎么|如何|怎样|从哪|要)(?:开始|做|弄|搞|学|练|培养|提高|提升|上手|入门|完成|进组|参加|联系|安排|考核|算|分组|报名)"
    r"|工程[^,。]{0,6}(?:找谁|联系谁|找哪)"
)


def _without_titles(reading: Reading) -> str:
    """The text without words of research such as 论文写作, whose 论文 is no paper that is due."""
    text = reading.text
    for token in reading.of("research"):
        if not token.tags & {"paper", "report"} and re.search(r"论文|报告|申请", token.word):
            text = text.replace(token.word, " ")
    return text


def rules(reading: Reading, mood: Mood) -> Decision | None:
    """Requirements, limits, deadlines, duty, permission (T3, T4, T10)."""
    text = reading.text
    if reading.has("foreign") and not reading.has(
        "report", "ppt", "checkin", "leave", "topic", "late", "absent", "online"
    ):
        return None
    if _ENGINEERING.search(text) or _asks_deadline(reading):
        return Decision("rules")
    if not reading.has(*_DOMAIN):
        is_asked = mood.is_question and not reading.has("foreign")
        fits = is_asked and (_WITH_WHAT.search(text) or _DUTY.search(text))
        return Decision("rules") if fits else None
    if _asks_for_topics(reading):
        return None
    if _RULES.search(text) and not (_asks_place_or_hour(text) and "模板" not in text):
        return Decision("rules")
    if mood.is_question and any(test(reading, mood) for test in _RULE_QUESTIONS):
        return Decision("rules")
    return None


def _asks_deadline(reading: Reading) -> bool:
    return (
        _DEADLINE.search(_without_titles(reading)) is not None
        and reading.has(
            "report", "ppt", "paper", "patent", "work", "submit", "topic", "choose", "rule", "when"
        )
        and not _MONEY.search(reading.text)
    )


def _asks_for_topics(reading: Reading) -> bool:
    """有哪些选题 asks for the topics themselves, not for a rule about them."""
    return (
        reading.has("topic")
        and not reading.has("rule", "late")
        and re.search(r"哪|什么|有没有|推荐|介绍|适合|列表", reading.text) is not None
        and not re.search(r"要求|规定|几个|换|改|重复|格式|页", reading.text)
    )


def _asks_duty(reading: Reading, mood: Mood) -> bool:
    is_duty = mood.is_hypothetical or _DUTY.search(reading.text) is not None
    return is_duty and (mood.is_hypothetical or not _asks_place_or_hour(reading.text))


def _asks_leave(reading: Reading, mood: Mood) -> bool:
    """可以吗 about being there, handing in, changing a topic, or a session."""
    text = reading.text
    if not (mood.may_ask or mood.asks == "may") or _asks_place_or_hour(text):
        return False
    if reading.has(*_MAY_ABOUT):
        return True
    if reading.has("choose", "topic") and _MAY_OF_TOPIC.search(text):
        return True
    return (
        reading.has("session")
        and re.search(r"可以|能|要|必须|需要|用", text) is not None
        and _MAY_OF_SESSION.search(text) is not None
    )


_MAY_ABOUT = (
    "leave", "absent", "online", "late", "early", "submit", "report", "ppt", "checkin", "attendance", "grade",
    "bind", "request", "work", "paper", "patent",
)  # fmt: skip
_MAY_OF_TOPIC = re.compile(r"换|改|重复|一样|同一|多个|两个|几个|别人|自己|必须|一定|自拟|晚|不选")
_MAY_OF_SESSION = re.compile(r"参加|来|去|听|带|到|录|旁听|缺|不|穿|交|线下|线上|现场|讲")
_WITH_WHAT = re.compile(r"(?:可以|能)?用.{1,12}(?:写|排版|做ppt)")


def _asks_of_work(reading: Reading, mood: Mood) -> bool:
    is_of_work = reading.has("rule", "report", "ppt", "paper", "patent") and not mood.did_ask
    return is_of_work and not reading.has("session", "talk", "place", "who")


def _asks_how_to_write(reading: Reading, _mood: Mood) -> bool:
    return _WITH_WHAT.search(reading.text) is not None


def _asks_of_absence(reading: Reading, mood: Mood) -> bool:
    return (
        reading.has("late", "absent", "early", "online", "leave")
        and mood.asks not in ("who", "where")
        and not mood.did_ask
    )


_RULE_QUESTIONS = (_asks_duty, _asks_leave, _asks_of_work, _asks_how_to_write, _asks_of_absence)


def _asks_place_or_hour(text: str) -> bool:
    return (
        re.search(
            r"在哪|哪里开|哪个(?:教室|会议室)|几点(?:开|讲|上|到(?!场))|谁(?:来)?讲|讲什么|讲啥|几楼|什么主题|主题是|什么内容",
            text,
        )
        is not None
    )

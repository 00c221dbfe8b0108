"""Questions about the programme: money, rules, topics, the plan (T6, T9, T10, T12)."""

from __future__ import annotations

import re

from language.aspects import PLAIN_WHICH, session_slots, which_session
from language.decision import BOOK_TITLE, Decision, topic_number
from language.mood import Mood
from language.reading import Reading
from language.subjects import rule_subject
from language.understood import Slot

_MONEY = re.compile(r"奖励|补贴|补助|奖金|撰写费|津贴|稿费|酬劳|报酬|房补|住宿补|住房补|费用")
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
    if _ENGINEERING.search(text):
        return Decision("rules")
    if (
        _DEADLINE.search(_without_titles(reading))
        and reading.has(
            "report", "ppt", "paper", "patent", "work", "submit", "topic", "choose", "rule", "when"
        )
        and not _MONEY.search(text)
    ):
        return Decision("rules")
    if not reading.has(*_DOMAIN):
        if (
            mood.is_question
            and not reading.has("foreign")
            and re.search(r"(?:可以|能)?用.{1,12}(?:写|排版|做ppt)", text)
        ):
            return Decision("rules")
        return (
            Decision("rules")
            if mood.is_question and _DUTY.search(text) and not reading.has("foreign")
            else None
        )
    if (
        reading.has("topic")
        and not reading.has("rule", "late")
        and re.search(r"哪|什么|有没有|推荐|介绍|适合|列表", text)
        and not re.search(r"要求|规定|几个|换|改|重复|格式|页", text)
    ):
        return None
    if _RULES.search(text) and not (_asks_place_or_hour(text) and "模板" not in text):
        return Decision("rules")
    if mood.is_question and mood.is_hypothetical:
        return Decision("rules")
    if mood.is_question and _DUTY.search(text) and not _asks_place_or_hour(text):
        return Decision("rules")
    if mood.is_question and (mood.may_ask or mood.asks == "may") and not _asks_place_or_hour(text):
        if reading.has(
            "leave",
            "absent",
            "online",
            "late",
            "early",
            "submit",
            "report",
            "ppt",
            "checkin",
            "attendance",
            "grade",
            "bind",
            "request",
            "work",
            "paper",
            "patent",
        ):
            return Decision("rules")
        if reading.has("choose", "topic") and re.search(
            r"换|改|重复|一样|同一|多个|两个|几个|别人|自己|必须|一定|自拟|晚|不选", text
        ):
            return Decision("rules")
        if (
            reading.has("session")
            and re.search(r"可以|能|要|必须|需要|用", text)
            and re.search(r"参加|来|去|听|带|到|录|旁听|缺|不|穿|交|线下|线上|现场|讲", text)
        ):
            return Decision("rules")
    if (
        mood.is_question
        and reading.has("rule", "report", "ppt", "paper", "patent")
        and not mood.did_ask
        and not reading.has("session", "talk", "place", "who")
    ):
        return Decision("rules")
    if mood.is_question and re.search(r"(?:可以|能)?用.{1,12}(?:写|排版|做ppt)", text):
        return Decision("rules")
    if (
        mood.is_question
        and reading.has("late", "absent", "early", "online", "leave")
        and mood.asks not in ("who", "where")
        and not mood.did_ask
    ):
        return Decision("rules")
    return None


def _asks_place_or_hour(text: str) -> bool:
    return (
        re.search(
            r"在哪|哪里开|哪个(?:教室|会议室)|几点(?:开|讲|上|到(?!场))|谁(?:来)?讲|讲什么|讲啥|几楼|什么主题|主题是|什么内容",
            text,
        )
        is not None
    )


_ABOUT_TOPIC = re.compile(
    r"选题|题目|课题|(?:研究)?方向|(?<![\u4e00-\u9fff])题|的题|个题|道题(?!怎么)|哪些?题|什么题|号题|(?<![主问标话专难例考习])题(?:有|是|库|还|呢)"
)
_KEYWORD = re.compile(
    r"(?:关于|有关|跟|和|与|做|研究|搞|对|学|擅长|想做|涉及|偏|适合做|适合|面向|针对)\s*(?P<a>[\u4e00-\u9fffa-z+\d]{2,16}?)\s*(?:有关|相关|方面|方向|方法|感兴趣|比较|的|类|,|$|那|有|选)|(?P<b>[\u4e00-\u9fffa-z+\d]{2,16}?)(?:相关|方面|有关|方向|类)?的(?:选题|题目|课题|方向|题)|(?P<c>[\u4e00-\u9fffa-z+\d]{2,16}?)(?:那个|这个|那道|方向的)(?:选题|题目|课题|方向|题)"
)


def topic_query(reading: Reading, mood: Mood) -> Decision | None:
    """The research topics to choose from (T6, T9)."""
    text = reading.text
    if _only_research(reading):
        return Decision("topic_query", {"keyword": session_slots(reading)["topic"]})
    fits = (
        mood.is_question
        and re.search(r"选(?:哪|什么|啥)(?!班|课|手|人|衣|电)", text)
        and not reading.has("foreign")
    )
    if not _ABOUT_TOPIC.search(text) and not fits:
        return None
    if reading.has("foreign") and not re.search(r"选题|课题|研究方向", text):
        return None
    if re.search(r"讲(?:的)?(?:什么|啥|哪个)题目|(?:分享|讲座|汇报|会)的?题目", text):
        return None
    if re.search(r"(?:这|那)道题|题怎么(?:做|解)|数学题|题不会|论文题目怎么|考试|方向盘|往哪个方向", text):
        return None
    slots: dict[str, Slot] = {}
    number = topic_number(text)
    if number is not None and not re.search(r"选题\d+(?:和|跟|与|、)(?:选题)?\d", text):
        slots["topic_no"] = number
    else:
        keyword = _keyword(reading)
        if keyword is not None:
            slots["keyword"] = keyword
    return Decision("topic_query", slots)


_ABOUT_A_WORD = re.compile(
    r"请问|是哪一?个|哪一?个是|哪些是|有哪些|有哪个|是第?几(?:号|个)?|第几个|是什么|是啥|什么是|讲什么|相关的?|有关的?|方面的?|有没有|有吗|吗|呢|的|啊|呀|关于|那个|这个"
)


def _only_research(reading: Reading) -> bool:
    """流计算, 大模型是哪个: words of research and nothing else; what they belong to is looked up."""
    if not reading.has("research") or reading.has("foreign", "session", "when", "date", "talk"):
        return False
    rest = _ABOUT_A_WORD.sub("", reading.plain)
    covered = "".join(token.word for token in reading.of("research"))
    return len(covered) >= 2 and rest.replace(" ", "") == covered.replace(" ", "")


def _keyword(reading: Reading) -> str | None:
    text = reading.text
    book = BOOK_TITLE.search(text)
    if book is not None:
        return book[1]
    longest = max((t.word for t in reading.of("research")), key=len, default=None)
    if longest is not None:
        start = text.find(longest)
        run = re.match(r"[\u4e00-\u9fffa-z+]*?(?=的|方面|相关|有关|方向|那|这|,|$|吗|选|有)", text[start:])
        return run[0] if run is not None and len(run[0]) >= len(longest) else longest
    found = _KEYWORD.search(text)
    if found is None:
        return None
    word = next((group for group in found.groups() if group), "")
    word = re.sub(
        r"^(?:有没有|有|关于|跟|和|做|我|想|哪个|哪些|什么|是|的|研究|适合|搞|个|那个|这个)+", "", word
    )
    if len(word) < 2 or re.search(r"哪|什么|几|谁|所有|全部|可以|选|题|我|你|适合|这些|那些|今年|老师", word):
        return None
    return word


_WHEN_WHERE = re.compile(
    r"什么时候|几点|几号|哪天|何时|周几|星期几|在哪|哪里|哪儿|地点|几楼|谁(?:来)?讲|主讲|讲什么|讲啥|主题|内容|多久|结束|开始|链接|会议号|安排|日程|课表|有没有|还(?:开|讲|有)|有什么|有啥|取消|改|推迟|延期|提前|照常|哪场|几场|下一场|哪个"
)


def schedule_query(reading: Reading, mood: Mood) -> Decision | None:
    """What, when, where and who of a session or period; a bare date too (T3, T9, T10)."""
    text = reading.text
    if reading.has("foreign") and not reading.has("session", "plan", "link", "research"):
        return None
    if reading.has("foreign") and re.search(
        r"天气|吃|电影|世界杯|演唱会|火车|航班|比赛|选课|考试|体育课|游戏|快递|足球|外卖|医生|驾照|健身", text
    ):
        return None
    if not reading.dates and rule_subject(text) == "report_days":
        return Decision("report_days")
    book = BOOK_TITLE.search(text)
    strange = sum(map(len, reading.unknown))
    if book is not None:
        return Decision("schedule_query", session_slots(reading) | {"topic": book[1].strip()})
    if (
        reading.has("foreign")
        and not reading.has("plan", "link", "research")
        and not re.search(r"分享|组会|汇报|讲座|会议|集中学习", text)
    ):
        return None
    strong = (
        reading.has("session", "plan", "link")
        or re.search(r"(?:这|那|个|的|次|场|把|例|组|开)会(?![计员])|会(?:几点|在哪)", text)
        or (reading.has("place") and re.search(r"会议室|教室|会场|地点|几楼|开会", text))
    )
    if strong and (
        mood.is_question or reading.has("date", "link", "plan", "place", "talk", "when") or strange <= 2
    ):
        if strange > 6 and not reading.has("research") and not reading.has("date"):
            return None
        return Decision("schedule_query", session_slots(reading))
    if (
        _asks_about_talk(reading, mood)
        and strange <= 8
        and (reading.has("research", "date", "when") or strange <= 4)
    ):
        return Decision("schedule_query", session_slots(reading))
    if (
        reading.has("research")
        and _ASKED_OF_TITLE.search(text)
        and strange <= 4
        and not reading.has("foreign")
    ):
        return Decision("schedule_query", session_slots(reading))
    if reading.has("date") and _is_bare_date(reading):
        return Decision("schedule_query", session_slots(reading))
    if (
        reading.has("date")
        and mood.is_question
        and strange == 0
        and not reading.has("foreign", "checkin", "submit", "choose", "leave", "topic", "reward")
    ):
        return Decision("schedule_query", session_slots(reading))
    if (
        (
            (reading.has("when") and re.search(r"几点|什么时候(?:开始|结束)", text))
            or which_session(text) in PLAIN_WHICH
        )
        and strange == 0
        and not reading.has("past", "foreign", "checkin", "submit", "choose", "leave", "topic", "reward")
    ):
        return Decision("schedule_query", session_slots(reading))
    return None


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

"""Questions about how an action is done, about other people, and about oneself (T3)."""

from __future__ import annotations

import re

from language.decision import Decision, is_about_self, name_in, topic_number
from language.mood import Mood, asks_how
from language.reading import Reading
from language.understood import Slot

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
_LIST_OF_OTHERS = re.compile(
    r"谁(?!讲|来讲|主讲|主持|分享|批|审|负责|管|担保|给我|能|可以|开发|是)|哪些人|哪几个人?|哪些同学|哪个同学|哪位同学|几个人|多少人|多少同学|几个同学|几人|有多少|人数|名单|统计|汇总|大家|所有人|全体|全组|其他人|别人|他们|组员|学生们?|我们组|本组|全员|应到|实到|率(?:是|多|有|怎|呢|$|\?)|到课|待审批|待批|待处理|未处理|没批|还没批|其他同学|小组|花名册|导出|报表"
)


def _act(text: str) -> str | None:
    return next((name for name, pattern in _ACTS if pattern.search(text)), None)


def _subject(text: str) -> str | None:
    """The action that how-to questions are about; 选题 beats 提交 where both are named first."""
    return _act(text)


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


def summary(reading: Reading, mood: Mood) -> Decision | None:
    """About other people or the group."""
    text = reading.text
    if re.search(
        r"谁(?:来)?(?:讲|主讲|主持|分享|负责|管|批|审)|(?:讲|主讲|主持|分享|负责)(?:人|的)?是?谁|找谁|联系谁|问谁|给谁|由谁|谁(?:批|给|定)|跟谁|向谁|谁来?(?:讲|评(?!为)|打分|给分)",
        text,
    ):
        return None
    if re.search(r"(?:没|未)收到(?:通知|消息)|送达", text) and reading.has(
        "who", "everyone", "collect", "status"
    ):
        return Decision("delivery")
    if mood.may_ask and re.search(r"(?:能|可以|可否)[^,。]{0,3}给.{2,4}(?:打|评)", text):
        return Decision("rules")
    acts = reading.has(
        "attendance",
        "submission",
        "choose",
        "leave",
        "absent",
        "late",
        "checkin",
        "submit",
        "grade",
        "bind",
        "pending",
        "request",
        "status",
        "online",
        "missing",
        "topic",
        "collect",
        "arrive",
    )
    name = name_in(reading)
    self_only = is_about_self(text) and not re.search(
        r"我(?:的)?(?:学生|组员|小组|组里|带的)|待我|等我批|需要我批|我们组|要我批|我该批|我审批|要我(?:处理|审)",
        text,
    )
    if self_only:
        return None
    if re.search(
        r"待审批|待批|待处理|未处理的|没批的|要批|(?:需要|等|待|要)我?(?:审批|处理|批|审)|(?:请假|线上)?申请(?:有|列表|都|还有)|有没有(?:新的?)?(?:请假)?申请|有(?:什么|新的|几个|多少)?(?:新)?申请|有人(?:请假|迟到|没)",
        text,
    ):
        return Decision("summary", _summary_slots(reading, None))
    if re.search(r"(?:有人|谁|几个人?|多少人|哪些人).{0,3}选|选的人|人选(?:了|的|中)", text):
        number = topic_number(text)
        if number is not None and mood.is_question:
            return Decision("topic_query", {"topic_no": number})
        return Decision("summary", _summary_slots(reading, name) | ({"topic_no": number} if number else {}))
    if _LIST_OF_OTHERS.search(text) and acts and not reading.has("foreign"):
        return Decision("summary", _summary_slots(reading, name))
    if name is not None and acts and not reading.has("foreign") and (mood.is_question or _is_record(text)):
        return Decision("summary", _summary_slots(reading, name))
    if (
        not mood.is_question
        and not is_about_self(text)
        and re.search(
            r"考勤|出勤|出席|参会情况|缺勤|到场|签到情况|提交情况|签到记录|请假情况|提交记录|未交|未签|没交的|没签到的|迟到的|缺勤的|请假的|选题情况|统计|汇总|名单",
            text,
        )
    ):
        if reading.has("rule", "foreign"):
            return None
        return Decision("summary", _summary_slots(reading, name))
    if (
        re.search(
            r"(?:没|未|缺|迟到|请假|已|早退|签到|提交|线上|选)[^,。]{0,8}的(?:有|都)?(?:有)?(?:几个|几位|多少|谁|哪些|人|同学|学生)|几份|多少份",
            text,
        )
        and acts
        and not reading.has("reward", "foreign")
    ):
        return Decision("summary", _summary_slots(reading, name))
    if (
        mood.did_ask
        and re.match(r"^(?:我)?(?:的)?(?:室友|舍友|他们?|她们?|师[兄姐弟妹]|学[长姐]|同桌|队友|同组)", text)
        and acts
    ):
        return Decision("summary", _summary_slots(reading, name))
    if re.search(r"都(?:交|签|到|选|提交|来|完成|绑定|请假)(?:了|齐|完|过)(?:了)?(?:吗|没|么)", text):
        return Decision("summary", _summary_slots(reading, name))
    if mood.is_question and re.search(
        r"(?:今天|昨天|明天|本周|这周|上周|周[一二三四五])[^,。]{0,8}(?:考勤|出勤|签到|到场|提交)(?:情况)?(?:怎么样|如何|咋样)|(?:考勤|出勤|到场|提交|签到)(?:情况)?(?:怎么样|如何|咋样)",
        text,
    ):
        return Decision("summary", _summary_slots(reading, name))
    return None


def _is_record(text: str) -> bool:
    return (
        re.search(
            r"^(?:看|查|帮).*(?:报告|ppt|论文)|考勤|出勤|提交|签到|情况|记录|成绩|进度|选题|状态|评级|分数",
            text,
        )
        is not None
    )


def _summary_slots(reading: Reading, name: str | None) -> dict[str, Slot]:
    text = reading.text
    slots: dict[str, Slot] = {}
    if re.search(r"交|提交|报告|ppt|论文|专利|作业|材料|上传|幻灯片", text) and not re.search(
        r"考勤|出勤|签到", text
    ):
        slots["kind"] = "submission"
    elif re.search(
        r"考勤|出勤|签|到场|到了|没到|没来|来了|到|迟到|缺勤|请假|缺席|打卡|出席|早退|旷", text
    ) and not re.search(r"待审批|申请|待处理|待批", text):
        slots["kind"] = "attendance"
    if reading.has("missing") or re.search(
        r"没(?:有)?[交签到来选提上]|未[交签到提选完]|缺勤|缺席|欠|漏", text
    ):
        slots["filter"] = "missing"
    if name is not None:
        slots["name"] = name
    return slots


_OWN_RECORD = re.compile(
    r"我(?:的|这|本人)?[^,。!?]{0,10}(?:考勤|出勤|签到|提交|成绩|分数|评级|进度|状态|记录|得分|次数|申请|请假|缺勤|迟到|选题|报告|情况|任务|缺席|题目|课题|ppt|等级|信息)"
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


def my_status(reading: Reading, mood: Mood) -> Decision | None:
    """The sender's own record (T3)."""
    text = reading.text
    self = is_about_self(text)
    if reading.has("foreign") and not reading.has("checkin", "report", "ppt", "leave", "topic"):
        return None
    if (
        _LACK.search(text)
        and (self or not reading.has("who", "everyone"))
        and not reading.has("session", "talk", "place", "plan", "reward", "topic")
    ):
        return Decision("my_status")
    if self and re.search(
        r"我(?:之前|当时|上次|现在|已经|最后)*选(?:了|的|中)(?:是|的|了)*(?:哪|什么|几|啥|第几)|我(?:的)?(?:完成|做)了?(?:多少|几|哪些|什么|百分)",
        text,
    ):
        return Decision("my_status")
    if self and re.search(r"我(?!们).{0,8}(?:几|多少)[次回](?!机会)", text) and not mood.may_ask:
        return Decision("my_status")
    if self and mood.asks in ("how", "where") and re.search(r"(?:看|查|查看|知道).{0,3}我的", text):
        return Decision("my_status")
    if self and re.search(r"我.{0,6}(?:几点|什么时候).{0,4}(?:签|交|到|选)(?:的|了)", text):
        return Decision("my_status")
    if mood.asks == "when" and not re.search(r"我.{0,6}(?:几点|什么时候).{0,4}(?:签|交|到)(?:的|了)", text):
        return None
    if mood.is_hypothetical or (
        mood.may_ask
        and re.search(
            r"能不能|可以|可不可以|能否|可否|行不行|要不要|必须|需要|允许|会不会|能(?!拿)|必要", text
        )
        and not re.search(r"了(?:吗|没)|过(?:吗|没)", text)
    ):
        return None
    if (
        self and _OWN_RECORD.search(text) and _DID.search(text)
        if mood.is_question
        else re.search(r"我的", text) and _OWN_RECORD.search(text)
    ):
        return Decision("my_status")
    act = _act(text)
    if (
        mood.is_question
        and act in ("check_in", "submit", "choose_topic", "leave", "bind", "approve", "grade")
        and _DID.search(text)
    ):
        if self and not re.search(r"选(?:哪|什么|啥)|做(?:哪|什么|啥)|适合|推荐", text):
            return Decision("my_status")
        if (
            mood.did_ask
            and mood.asks in ("did", "whether")
            and "被选" not in text
            and _DONE_ACT.search(text)
            and not reading.has("who", "everyone", "session")
        ):
            return Decision("my_status")
    if self and re.search(
        r"我(?:的)?(?:汇报|报告|这次)?(?:得|拿|考|评|打)(?:了|到|上)?(?:多少|几|什么|啥)分?(?!钱)", text
    ):
        return Decision("my_status")
    if (
        self
        and mood.is_question
        and re.search(
            r"我(?:算|是)(?:不是)?(?:迟到|缺勤|通过|合格|到了)|我(?:被)?(?:记|算)(?:了|成|为)?(?:迟到|缺勤|到场)|我(?:过|通过|完成)(?:了)?(?:吗|没)|我拿到(?:了)?(?:几|多少)|我.{0,4}(?:迟到|缺勤|旷|缺席)(?:了|过)?(?:几|多少|吗|没)",
            text,
        )
    ):
        return Decision("my_status")
    return None

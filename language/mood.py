"""Question, negation, past, future, hypothesis, hearsay, failure: what keeps a named action from being one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from language.reading import Reading

Asks = Literal["how", "why", "where", "when", "who", "howmany", "what", "may", "did", "whether"]

# Question words that only look like one: 几天前, 过几天, 什么的, 没什么, 怎么都, 哪怕, 要么, 多少都.
_NO_QUESTION = re.compile(
    r"过几(?=天|个月|日|周|年|分钟|小时)|好几|几天[前后内]|没几|没什么|没啥|[、等啊]什么的|什么都|啥都|怎么都|哪怕|要么|多少都|哪都|谁都|几乎|不管|无论|随便|多么|那么|这么|"
    r"怎么也|什么也|怎么签都|怎么弄都|没多少|几个人都|什么时候都"
)
_V_NOT_V = re.compile(r"([\u4e00-\u9fff])(?:不|没)\1|([\u4e00-\u9fff])[\u4e00-\u9fff]没\2")
_TAIL_QUESTION = re.compile(
    r"(?:了|过|到|上)(?:没得|没呀|冇|没嘞)[?!~]*$|[\u4e00-\u9fff]不[?]?$(?<!要不)(?<!的不)(?<!了不)|^点样|^点解|(?:(?:了|过|上|好|完|成功|到|批|交|选|签|记上|收到|定|开|公布|出来|取消|改)(?:没有?|不)|(?:可以|行|能|好|要|用|是|对|难)不|没有|没)(?:啊|呀|呢|的)?(?:,?(?:老师|谢谢|麻烦))?[?]?$"
)
_MAY = re.compile(
    r"可以|可不可以|能不能|能否|可否|可不可|是否(?:可以|需要|必须|能|要)|行不行|行吗|行不|许不许|允许|让不让|准不准|要不要|用不用|需不需要|"
    r"需要|必须|该不该|应该|一定要|非得|要|能|得|成不|好不好|好吗|用"
)
_DID = re.compile(
    r"(?:了|过|到|上|着|好|完|成功|掉|批)(?:没有?|吗|么|嘛|不)|有没有|是不是.{0,12}(?:了|过|成功|上)|了没|没有?[?]|没有?$|成功|"
    r"([签交选批到改评打上请])没\1|是否(?:已|成功|有)|(?:已|已经).{0,10}(?:吗|了\?)|了\?$|[过到]\?$|进没进|收到.{0,6}(?:吗|没)"
)

_ASK_HOW = re.compile(
    r"怎么(?!样会)|如何|怎样|咋(?!不|没)|步骤|入口|教程|操作方法|(?:方法|方式|流程)是?(?:什么|啥)|哪里点|哪儿点|在哪点|点哪|按哪|哪个按钮|(?:交|提交|请假|签到|选题|绑定|审批|申请|撤回)[^,。]{0,4}流程|教我|教教我|不会(?:签|交|选|请|绑|用|弄|操作|提交|上传|评|打分)|没找到.{0,4}(?:入口|按钮)|找不到.{0,6}(?:入口|按钮|地方)"
)
_ASK_HOW_SOFT = re.compile(r"怎么样|咋样|怎样(?:了|$|\?)|怎么算|咋算|怎么(?:还|这|这么|那么)|如何算")
_ASK_WHERE_TO = re.compile(
    r"(?:在|去|到|从|往|发|交|传)?(?:哪里|哪儿|哪|哪个(?:地方|页面|群|邮箱|系统|网站|链接))(?:能|可以|去|来)?(?:签|交|提交|选|请|上传|绑|登记|打卡|评|看|报到|改|弄)|(?:交|提交|发|传|上传|报告交|签到|打卡)(?:给|到|去|在)(?:谁|哪里|哪儿|哪|哪个)"
)

_ASK_WHEN = re.compile(
    r"什么时候|啥时候?|何时|几点|哪天|几号(?!楼|线|选题|题|方向|教室|会议室)|周几|星期几|礼拜几|多久|什么时间|几时|哪一天|哪日|几月|多会儿?|什么日子|哪个时间|哪周"
)
_HYPO = re.compile(
    r"如果|要是|假如|假设|假使|万一|倘若|若是|如若|的话|除非|哪怕|即使|就算|真要|一旦|假定|(?<![一-龥])若(?!干)|早知道"
)
_UNDECIDED = re.compile(
    r"可能(?!性)|也许|或许|说不定|考虑|纠结|犹豫|没想好|没想清楚|暂定|先别记|没最后定|不晓得|后面再定|没决定|没定|不确定|不一定|拿不准|拿不定|再看看|再想想|看情况|估计|不知道|不清楚|大概率|还在想|正想|在想|没考虑|待定|"
    r"选择困难|难选|左右为难|举棋不定|看看再|想想再|再商量|商量一下|商量商量|没拿定|还没定|该不该|再说|要不要(?!我)|有点想|在.{0,6}(?:和|跟|与|还是).{0,8}之间|还没想"
)
_FUTURE = re.compile(
    r"(?:等|待|过)(?:一)?会儿?(?!议)|等一?下|一会儿?(?:再|就|去|来|给|会|我|过|要|才)|回头|稍后|稍等|之后再|到时候?(?!几)|以后再|打算|改天|过几天|过两天|过(?:些|阵)|(?<!随时)有空(?:再|就|了)|再说|即将|快要|"
    r"晚(?:点|些|一点)(?:再|就|我|交|提交|签|选|去|给|发|传|补)|迟点|马上就?(?!要?迟)|然后再|完(?:了)?再|好了?(?:再|就)|"
    r"(?:明天|后天|晚上|今晚|下午|明早|周[一二三四五六日天末]|下周|下次|月底|号|中午|睡前|饭后|下课|到了|回去|回家|到家)(?:我)?(?:再|就|才|会|要去|要交|去|来)(?!不)|"
    r"(?<![我请帮你烦那,。 ])再(?:签到?|交|提交|上传|选|请假|绑定|评|打分|发通知|通知|取消)(?!一[次版份遍])|准备(?!好了?[,，]?)(?:去|要|明|后|在|等|选|交|签|提交|下|今|晚|周)?|将(?:会|要)|等我|早晚会|迟早|正要|还要.{0,3}(?:天|小时)才?(?:能)?|快.{0,3}(?:写|做|弄)完|争取|尽快|尽量|计划(?:明|后|下|在|周|要|交|选)|下[次回](?:再|一定)|(?:肯定|一定|保证)(?:能|会)?(?:交|提交|签|来|到)|(?:写|做|改|弄)完(?:了)?就?(?:交|提交|签|选)|快到.{0,8}(?:日子|时候)|要交了|离交|会(?:按时|准时|尽快|去|交|提交|签|选)"
)
_PAST = re.compile(
    r"本来|原本|原先|本想|当初|一开始|有一[次回]|那[次回天](?!的(?:分享|会|讲座))|上学期|上星期(?![一二三四五六日天])|后悔|刚想|原来(?=想|打算|要)|后来(?=没|又|还|想)|写了.{0,12}又删|之前想|已经|(?<![一-龥])已(?!到)|已(?:签|交|选|提交|上交|请|绑|完成|上传|经|撤|取消|改|发|评|打|通知)|早就|早已|刚才|刚刚|刚(?=签|交|选|提交|请|绑|完成|上传|改|发|评|打|传|撤)|上次|上回|曾经|当时|那时|之前(?!交|提交|完成)(?=.{0,8}(?:了|过))|以前|那次|"
    r"(?:签|交|选|请|提交|绑定|上传|打|评|撤回|取消|报到|迟到|通知|发|传|请假|签到)过(?!期|程|来|去)"
)
_LATELY = r"(?:刚|都|也|又|昨天|今天|刚才|刚刚|之前|一直|群里|在群里|上午|早上)*"
_SAID_BY = re.compile(
    r"听说|听讲|据说|有人(?:说|喊|讲)|群里(?:有人)?[说喊讲]|跟隔壁说|给.{1,4}的建议|建议你|聊天记录|传言|听[^,。]{1,6}说|"
    rf"(?:老师|教授|导师|他|她|他们|她们|同学|室友|舍友|师兄|师姐|学长|学姐|学弟|学妹|负责人|老板|人家|朋友|别人|大家|助教|班长|通知|群里|组长){_LATELY}(?:说|告诉我|告诉我们|跟我说|和我说|让我(?!再想|想)|让我们|叫我|叫我们|要求我|要求我们|要求大家|提到|问我|问我们|催我|催我们|表示|通知我|通知我们|提醒我们|叫大家|让大家|让他|让她|建议我|推荐我|劝我)"
)
_SAYS_EXEMPT = re.compile(
    r"^(?:我|你|请|帮|麻烦|跟|和|给|对|没|不|想|再|话|比如|可以|怎么|那|就|应该|只|先|这么|多)+说"
)
_FAILED = re.compile(
    r"过期|失效|断了|中断|失败|不成功|没成功|没能|报错|出错|没反应|没有反应|卡住|卡死|卡了|闪退|打不开|进不去|超时|无效|用不了|登不上|登不了|坏了|不好使|不管用|没用|bug|出问题|异常|不能用|失灵|转圈|没权限|没存上|没保存|不让(?:我)?(?:交|签|选|撤|过)|说不行|都不对|不对(?=[,。!]?$)|断了|只有一半|没弹|没记上|没记录|没显示|不显示|加载不|"
    r"(?:签|交|传|选|绑|发|上传|提交|打|点|扫|请|登|撤回|撤|绑定|打卡|签到|弄|评|收|看|找|识别|连|退)(?:不(?:了|上|进|出|动|成|到|去|开|来|过去|上去|出来|出去)|不上到|错)|错误|输错|填错|传不上|一直(?:不|没|在转|显示|提示|失败)|老是(?:不|没|失败|报)|提示.{0,8}(?:错|失败|不|无|过期)|怎么(?:都|也)(?:签|交|选|传|打|绑|登|点|上传)不|死活"
)
_ATTRIBUTIVE = re.compile(
    r"(?:还)?(?:没有?|未|不)(?:签到|提交|上交|交|选|签|来|到|批|写完|完成)的(?!$|[?。,!啊呀])"
)


@dataclass(frozen=True)
class Mood:
    """How a text stands to what it names. *asks* is None for a text that asks nothing."""

    asks: Asks | None
    is_hypothetical: bool
    is_undecided: bool
    is_future: bool
    is_past: bool
    is_reported: bool
    has_failed: bool
    may_ask: bool = False
    did_ask: bool = False

    @property
    def is_question(self) -> bool:
        """Whether the text asks something."""
        return self.asks is not None


def mood_of(reading: Reading) -> Mood:
    """The mood of the whole text (T3, T5)."""
    text = reading.text
    is_question = is_asking(reading)
    return Mood(
        asks=_asks(reading) if is_question else None,
        is_hypothetical=_HYPO.search(text) is not None,
        is_undecided=_UNDECIDED.search(text) is not None,
        is_future=_FUTURE.search(text) is not None,
        is_past=_PAST.search(text) is not None,
        is_reported=is_reported(text) or _named_speaker(reading),
        has_failed=_FAILED.search(text) is not None,
        may_ask=is_question and _MAY.search(text) is not None,
        did_ask=is_question and _DID.search(text) is not None,
    )


def is_asking(reading: Reading) -> bool:
    """Whether the text asks something, by its words and its end."""
    text = _NO_QUESTION.sub("", reading.text)
    if _STILL_THINKING.search(text) and not re.search(r"[?]|吗|推荐|建议|怎么", text):
        return False
    if _EITHER_OR.search(text):
        return True
    if (
        "?" in text
        or _WH.search(text)
        or _V_NOT_V.search(text)
        or _TAIL_QUESTION.search(text)
        or _ASK_HOW.search(text)
    ):
        return True
    return any(t.word in _YESNO_STRONG for t in reading.of("yesno"))


_STILL_THINKING = re.compile(
    r"再(?:想想|看看|考虑|说)|没想好|还在(?:想|考虑|纠结|犹豫)|在纠结|犹豫|没决定|没定|拿不准|拿不定|考虑考虑"
)
_EITHER_OR = re.compile(
    r"(?:[\u4e00-\u9fffa-z\d])(?<![我那就想了,])还是(?!算|不|没|会|要|就|先|得|很|挺|想|能)|是[^,。]{1,10}还是"
)
_WH = re.compile(
    r"干嘛|干吗|什么|啥|怎(?!奈)|如何|咋|哪(?!吒)|谁|几(?=[点个号场次位人天页分回楼度时遍项种条份篇岁节月周块步套])|多少|多久|多长|多大|多远|为何|何时|何处|第几|是几|几$|按哪|周几|吗|么$|么[,。!]|是不是|有没有|是否|能否|可否"
)
_YESNO_STRONG = frozenset(
    [
        "吗",
        "是不是",
        "有没有",
        "是否",
        "能不能",
        "可不可以",
        "可否",
        "能否",
        "行不行",
        "要不要",
        "好不好",
        "对不对",
        "对吗",
        "是吗",
        "真的吗",
        "真的假的",
        "了没",
        "了没有",
        "过没",
        "行吗",
        "好吗",
        "会不会",
        "该不该",
        "用不用",
        "需不需要",
        "成不成",
        "签没签",
        "交没交",
        "到没到",
        "选没选",
        "批没批",
        "过没过",
        "上没上",
        "算不算",
        "开不开",
        "讲不讲",
        "来不来",
        "去不去",
        "改没改",
        "取没取消",
        "在不在",
        "让不让",
        "准不准",
        "给不给",
        "发不发",
        "有木有",
        "交不交",
        "签不签",
        "请不请",
        "难不难",
        "成功没",
        "成功没有",
        "成没成功",
        "还用",
        "收不收",
        "查不查",
        "扣不扣",
        "多不多",
        "难吗",
        "记没记",
        "收没收",
    ]
)


def _asks(reading: Reading) -> Asks:
    text = reading.text
    if reading.has("why"):
        return "why"
    if asks_how(text):
        return "how"
    for name, tag, pattern in _ASKED:
        if (tag and reading.has(tag)) or (pattern is not None and pattern.search(text)):
            return name
    return "whether"


# What is asked, the tag of a word for it, and a pattern; the first that fits wins.
_ASKED: tuple[tuple[Asks, str | None, re.Pattern[str] | None], ...] = (
    ("who", "who", re.compile(r"谁|哪些人|几个人|多少人")),
    ("when", None, _ASK_WHEN),
    ("howmany", "howmany", None),
    ("where", "where", re.compile(r"在哪|哪里|哪儿")),
    ("what", "what", re.compile(r"什么|啥|哪")),
    ("did", None, _DID),
    ("may", None, _MAY),
)


def is_reported(text: str) -> bool:
    """Whether the text tells what somebody else said or had done."""
    found = _SAID_BY.search(text)
    return found is not None and _SAYS_EXEMPT.match(found[0]) is None


_NAME_SAYS = re.compile(
    rf"(?:同学|老师)?{_LATELY}(?:说(?!明)|告诉我|跟我说|和我说|让我|叫我|要求|提到|问我|催我|表示|通知我|建议我|推荐我|劝我)"
)


def _named_speaker(reading: Reading) -> bool:
    return any(_NAME_SAYS.match(reading.text, token.end) for token in reading.of("name"))


def asks_how(text: str) -> bool:
    """Whether the text asks for the way of doing something."""
    is_soft = _ASK_HOW_SOFT.search(text) is not None
    return _ASK_WHERE_TO.search(text) is not None or (_ASK_HOW.search(text) is not None and not is_soft)


def is_negated(text: str, verbs: str) -> bool:
    """Whether one of *verbs* (a pattern) stands under a negation close before it in *text*."""
    text = _ATTRIBUTIVE.sub("", text)
    for found in re.finditer(verbs, text):
        before = re.split(r"[,。;!?\n]", text[: found.start()])[-1][-7:]
        if _NEGATOR.search(before):
            return True
    return False


_NEGATOR = re.compile(
    r"(?:不(?!然|错|过|好意思|同|但|仅|管|论|舒服|在|得不|能不)|没(?!问题|关系|事|错|空|法)|未(?!来)|别(?!的|人|处|忘)|勿|甭|无需|无法|尚无|忘了?|忘记了?|漏|差点)[^,。;!?\s]{0,5}$"
)


_REMARK = re.compile(
    r"好麻烦|跟打仗|慌|怕忘|真变态|写得(?:稀烂|好|烂|不错)|(?:好|太|很|真|挺|有点|这么|那么|超|最|特别|非常)(?:难|烦|麻烦|累|慢|快|多|早|少|顺|方便|简单|复杂|有意思|有趣|不错|热门|无聊|重要|火|卷|好用|难用|准|严|紧|赶)|不错|有意思|有趣|好玩|的(?:时候|人(?!工)|同学|事情?|问题|过程|意义|感觉|机会)|记得|别忘|务必|请大家|大家(?:都|要|快|记)|意味着|之所以|为了"
)


def is_remark(text: str) -> bool:
    """Whether the text speaks about an action (签到好麻烦, 大家记得交报告) instead of asking for it."""
    return _REMARK.search(text) is not None


def is_of_others(reading: Reading) -> bool:
    """Whether somebody else is the subject (室友签到了), unless the sender asks for them (帮室友签到)."""
    found = re.search(
        r"(?:^|[,。 ])(?:我)?(?:的)?(?:室友|舍友|同学|他们?|她们?|师[兄姐弟妹]|学[长姐弟妹]|朋友|同桌|有人|别人|大家|队友)",
        reading.text,
    )
    return found is not None


def is_after(reading: Reading, now: datetime) -> bool:
    """Whether the first date of the text lies after today."""
    first = _day(reading.span.start) if reading.span is not None else None
    return first is not None and first > now.date()


def is_before(reading: Reading, now: datetime) -> bool:
    """Whether the dates of the text lie before today."""
    last = _day(reading.span.end) if reading.span is not None else None
    return last is not None and last < now.date()


def _day(point: date | datetime | None) -> date | None:
    return point.date() if isinstance(point, datetime) else point

"""Short questions that are the whole text: the clock, the bot, whom to ask, one's mentor, the check-in, one topic."""

from __future__ import annotations

import re

from language.decision import Decision
from language.mood import Mood
from language.numerals import whole_number
from language.reading import Reading
from language.understood import Slot

_MARKS = re.compile(r"[\s,.。;!?:、~…\"'“”()]+")
_WHEN = r"(?:几点|什么时候|啥时候?|何时|什么时间|多会儿?)"
_WHERE = r"(?:在哪里?|在哪儿|哪里|哪儿|去哪)"
_MAY = r"(?:可以|能|能不能|可不可以|能否|可否|可|行)"
_ENDS = r"(?:吗|么|嘛|不|没有?|呢|啊|呀|哈|的|吧|了)*"
_SIGN = r"(?:签到|签个到|打卡|打个卡|报到|点到)"
_NO = r"(?:第|题|选题|序号|方向|编号)?(?P<no>\d{1,2}|[一二三四五六七八九十]{1,3})(?:号|个|题|那个|这个|方向)*"
_WHO = r"(?P<name>[\u4e00-\u9fff]{1,3}(?:老师|教授|博士|师兄|师姐|学长|学姐)|导师|负责人|组长|管理员|项目负责人|老师|你们)"

# Label of ours, a slot that goes with it, and the shape of the whole text without its date and its marks.
_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (label, slot, re.compile(pattern))
    for label, slot, pattern in (
        ("clock", "", r"(?:请问)?(?:现在|此刻|当前|这会儿?)?(?:是)?几点(?:钟)?(?:了|啦)(?:呀|啊|呢)*"),
        ("clock", "", r"(?:现在|此刻|当前)(?:是)?(?:几点钟?|什么时间|什么时候|啥时间|时间)(?:了|啊|呀|呢)*"),
        ("clock", "", r"(?:现在|是)?(?:几月)?(?:几号|几日|多少号|什么日期|什么日子|周几|星期几|礼拜几)(?:了|啊|呀|呢)*"),
        ("about_bot", "", r"你(?:到底|究竟)?(?:是|叫)(?:谁|啥|什么|哪位|什么名字|啥名字|什么东西|机器人|真人|人|ai|人工智能|干啥的)" + _ENDS),
        ("contact", "", rf"(?:我)?(?:要|想|应该|该|可以)?(?:怎么|如何|咋|怎样)(?:才能|能|可以|去)?(?:联系|找|加|问)(?:到|上)?{_WHO}?(?:的?(?:微信|电话|邮箱|联系方式))?" + _ENDS),
        ("contact", "", rf"{_WHO}(?:的)?(?:微信|微信号|联系方式|电话|邮箱|号码|手机号?)(?:号)?(?:是)?(?:多少|什么|啥|有)?" + _ENDS),
        ("contact", "", r"(?:有)?(?:问题|事|疑问|不懂|不会|不明白|不清楚)?(?:的)?(?:该|应该|可以|要|能)?(?:找|问|联系|咨询|请教)(?:谁|哪位|哪个(?:老师|人)|什么人)" + _ENDS),
        ("complaint", "", r"(?:你|这|这个|什么|怎么|真|太|好|也|就|的|是|都|个|么)*(?:破|烂|垃圾|智障|弱智|傻|笨|坑|烦死|烦人|气死|无语|服了|没用|难用|废物|坑爹|蠢)(?:机器人|助手|东西|玩意|系统|软件|了|吧|啊|死|人|的|用|逼|我)*"),
        ("who_am_i", "asks=number", r"(?:我|我的|俺的?)(?:的)?学号(?:是)?(?:多少|什么|啥|几)?" + _ENDS),
        ("who_am_i", "asks=mentor", r"(?:我|我的|俺)?(?:的)?(?:导师|指导老师)(?:是|叫)?(?:谁|哪位|哪个|什么名字|啥)(?:老师)?" + _ENDS),
        ("who_am_i", "asks=mentor", r"(?:谁|哪位|哪个老师)是(?:我|我的)(?:的)?(?:导师|指导老师)" + _ENDS),
        ("who_am_i", "asks=lead", r"(?:谁|哪位)是(?:我|我的|我们|我们组|咱们组|本组)(?:的)?(?:组长|负责人|项目负责人)" + _ENDS),
        ("who_am_i", "", r"(?:我|我的|俺)(?:是|现在|算|属于)*(?:研几|几年级|哪个年级|什么年级|哪一级|年级)" + _ENDS),
        ("rules", "", r"(?:工程|工程能力|工程项目)(?:的)?(?:这块|部分|方面)?(?:谁|由谁|是谁|哪位)(?:来)?(?:负责|管|带|考核|验收)(?:的)?" + _ENDS),
        ("rules", "", r"(?:工程|项目|小)?(?:项目)?组(?:是|都)?(?:怎么|如何|咋)(?:分|分配|分组|定)(?:的|配的)?" + _ENDS),
        ("rules", "", r"(?:周末|暑假|中间|这周|本周|七月|那天)?(?:会|要|有|是不是)?(?:放假|休息|放不放假|有假)(?:几天|多久)?(?:吗|么|不|嘛)?"),
        ("topic_query", "", r"(?:我)?(?:适合|该选|应该选|选)(?:哪个|哪一?个|什么|啥|哪)(?:方向|选题|题|题目)?(?:好|合适|比较好)?" + _ENDS),
        ("who_am_i", "asks=group", r"我(?:们)?(?:是|在|属于|分到|分在|去|被分到|被分在)*(?:哪个|哪|哪一个|什么|啥|几)(?:项目|小)?组" + _ENDS),
        ("who_am_i", "asks=lead", r"(?:我|我的|我们|我们组|咱们|咱们组|本组|小组|项目)*(?:的)?(?:组长|负责人|项目负责人|组的?负责人|leader)(?:是|叫)?(?:谁|哪位|哪个|什么名字)" + _ENDS),
        ("who_am_i", "asks=lead", r"(?P<group>[\u4e00-\u9fffa-z\d]{2,10}?组)(?:的)?(?:组长|负责人|项目负责人|老师)(?:是|叫)?(?:谁|哪位|哪个)" + _ENDS),
        ("checkin_window", "", rf"{_SIGN}(?:的)?(?:时间|时段|窗口)(?:是|从|到|安排)*(?:{_WHEN}|多少|什么|到|至|怎么规定|规定)*" + _ENDS),
        ("checkin_window", "", rf"(?:最早|最晚|我|我们|要|得)*(?:{_WHEN}|多久)(?:之?前|开始|开放|截止|结束|可以|能|才能|要|去|来|到|关)*{_SIGN}" + _ENDS),
        ("checkin_window", "", rf"{_SIGN}(?:是|从|到|截止到?|开放到|开到)*(?:{_WHEN}|多久)(?:开始|开放|截止|结束|关闭|关|开|为止)*" + _ENDS),
        ("checkin_window", "asks=closed", rf"{_SIGN}(?:现在|已经)?(?:开始|开放|截止|结束|关闭|关|停|过)(?:了)?(?:没有?|吗|么|不|了吗|了没|是{_WHEN})" + _ENDS),
        ("checkin_window", "asks=closed", rf"(?:现在|这会儿?)?(?:还)?(?:{_MAY}|来得及)(?:去|再)?(?:{_SIGN}|签)(?:吗|么|不|嘛)" + _ENDS),
        ("checkin_duty", "", rf"(?:我们?|大家|同学|都|每次|这次|也|还)*(?:要不要|用不用|需不需要|需要|必须|一定要|要|用|得|是否要)?(?:都|每次|也)?{_SIGN}(?:的)?(?:吗|么|嘛|不)(?:啊|呀)*"),
        ("checkin_duty", "", rf"(?:我们?|大家|都|每次)*(?:要不要|用不用|需不需要|签不){_SIGN}?" + _ENDS + r"|签不签到?"),
        ("checkin_code", "", rf"(?:请问|今天的?|那个|这个)*{_SIGN}?(?:的)?(?:码|口令|验证码|数字|密码|6位数字|六位数字)(?:是)?(?:多少|什么|啥|几|{_WHERE})(?:看|找|有|获取|显示)?" + _ENDS),
        ("checkin_code", "", rf"(?:怎么|如何|{_WHERE}|哪)(?:能|可以)?(?:看|获取|得到|拿到|找|知道|有)(?:到)?{_SIGN}(?:的)?(?:码|口令|数字)" + _ENDS),
        ("checkin_duty", "kind=group_meeting", rf"(?:这次|每次)?(?:的)?(?:项目组|小组)?(?:组会|小组会|小组分享|开会)(?:的时候|时|也|都|要不要|用不用|需不需要|需要|要|用)*{_SIGN}(?:吗|么|不|嘛)(?:啊|呀)*"),
        ("checkin_duty", "kind=report_day", rf"(?:这次|每次)?(?:的)?(?:成果)?汇报(?:的时候|时|也|都|要不要|用不用|需不需要|需要|要|用)*{_SIGN}(?:吗|么|不|嘛)(?:啊|呀)*"),
        ("checkin_duty", "", rf"(?:这次|每次|周[一二四])?(?:的)?(?:分享|讲座)(?:的时候|时|也|都|要不要|用不用|需不需要|需要|要|用)*{_SIGN}(?:吗|么|不|嘛)(?:啊|呀)*"),
        ("rules", "", r"(?:我们?|那|请问|明天|今天|还|需要|需不需要|用不用|要不要|用|要|得|可以|不)*(?:带|准备|穿)(?:什么|啥|哪些|电脑|笔记本|本子|笔|纸|水|身份证|学生证|东西|材料|正装|点什么)*(?:东西|材料|衣服|去|吗|么|不|呢|嘛|的)*"),
        ("rules", "", r"(?:我们?|那|请问|报告|选题|汇报)*(?:能|可以|可不可以|能不能|是不是要?|要不要|允许)(?:几个人|两个人|2个人|三个人|多人|和别人|跟别人|和同学|跟同学|合作|组队|一起|合伙)(?:一组|一起|组队|合作|做|写|讲|选|报告|完成|一个|同一个|题|题目)*(?:吗|么|不|嘛)*"),
        ("rules", "", r"(?:我|一共|最多|总共)*(?:能|可以|最多)?(?:请)?(?:能)?(?:请)(?:几|多少)(?:次|天|回)(?:假)?" + _ENDS),
        ("rules", "", r"(?:在)?(?:哪里?|哪儿|怎么|去哪|能|可以)?(?:能|可以)?(?:看|下载|拿|找|要)?(?:到)?(?:老师|讲座|分享|上次|今天|昨天|之前|分享会)*(?:的)?(?:课件|讲义|录屏|录像|资料)(?:在)?(?:哪里?|哪儿|呢|怎么拿|能发吗|有吗|可以发吗|发一下|会发吗|会发)?(?:吗|么|嘛)?"),
        ("rules", "", r"(?:评委|评审|打分的?人?|评分人)(?:是|有|都|会)*(?:谁|哪些人?|哪几位?|什么人)" + _ENDS + r"|谁(?:是|当)评委"),
        ("contact", "", r"(?:谁是|谁当)(?P<name>管理员|负责人|组长)" + _ENDS),
        ("contact", "", r"(?P<name>管理员)(?:是|叫)(?:谁|哪位|什么)" + _ENDS),
        ("topic_query", "", r"(?:我)?选(?:题)?(?P<no>0|\d{3,})"),
        ("my_status", "", rf"(?:我|本月|这个月|七月|目前|一共|总共|到现在|至今)*{_SIGN}(?:了|过)?(?:几|多少)(?:次|场|回|天)" + _ENDS),
        ("checkin_code", "", r"签到(?:的)?(?:码|口令|验证码)"),
        ("help", "about=screen", r"(?:签到)?大屏(?:的)?(?:链接|网址|地址|在哪里?|怎么(?:打开|开|看|弄)|打不开|怎么用)+(?:呢|啊|呀)*"),
        ("help", "about=roster", r"(?:我?(?:要|想|怎么|如何))*(?:删除|移除|删掉|添加|新增|增加|导入|更新|修改)(?:一个|一名|一下)?(?:学生|同学|人员|成员|组员|名单|花名册)[\u4e00-\u9fff]{0,4}"),
        ("my_status", "", r"(?:我的|我)?(?:评级|成绩|分数|评分|结果)(?:有)?(?:出来|公布|出|定|有)(?:了)?(?:吗|没有?|么)"),
        ("schedule_query", "which=left", r"(?:后面|之后|以后|后边|接下来|这之后)(?:还)(?:有)(?:没有|什么|啥|安排|会|课|活动|分享|场次)*(?:吗|么|没)?"),
        ("may_choose", "", rf"(?:我|那|就|想|要|还|也)*(?:改)?选(?:题)?{_NO}{_MAY}(?:选|以)?(?:吗|么|不|嘛)" + _ENDS),
        ("may_choose", "", rf"(?:我|那|还)*{_MAY}(?:不{_MAY})?(?:我)?(?:改)?选(?:题)?{_NO}(?:吗|么|不|嘛)?" + _ENDS),
        ("topic_query", "", rf"(?:我|那|要是|想|要)*选(?:题)?{_NO}(?:怎么样|咋样|如何|好不好|好吗|好么|合适吗|难吗|难不难|好做吗|行不行|有意思吗)" + _ENDS),
        ("may_change", "", rf"(?:我|那|还|之后|以后|后面|选了|选完|选好了?)*(?:还)?{_MAY}(?:再|重新)?(?:换|改|重选|改选)(?:题|选题|题目|方向|一个|个|别的|掉|成别的)*(?:吗|么|不|嘛)" + _ENDS),
        ("may_change", "", rf"(?:选题|题目|方向|题|我的选题)(?:还)?{_MAY}(?:再)?(?:换|改)(?:一个|个)?(?:吗|么|不|嘛)" + _ENDS),
        ("help", "about=change_topic", r"(?:我)?(?:想|要|想要|打算)(?:换|改|重选|重新选)(?:一?个|一下)?(?:选题|题目|方向|题)(?:了|吧|呢)*"),
        ("topic_query", "", rf"(?:序号|编号)?{_NO}(?:是|讲|讲的是|是讲)(?:什么|啥|哪个|哪方面)(?:方向|题|的|内容)*" + _ENDS),
        ("rules", "", r"(?:那|我|我们|大家)*(?:要不要|可不可以|能不能|可以|能)?不?(?:想|用|要)?(?:参加|加入|来|去)(?:可以|行)?(?:吗|么|不)"),
        ("rules", "", r"(?:那|我|我们|大家)*(?:要不要|用不用)(?:参加|加入|来|去)" + _ENDS),
        ("rules", "", r"(?:那|我|我们|大家|是不是|都)*(?:不用|可以不|不需要|不必|能不)(?:来|去|参加|到场?|听)(?:了)?(?:吧|吗|么)"),
        ("help", "about=change_topic", r"(?:我)?(?:好像|刚才?|刚刚|不小心)?选错(?:了|题|方向|号|题目|编号|数字|序号)+(?:了|啊|呀|怎么办|咋办|怎么改)*"),
        ("may_change", "", r"(?:怎么|如何|咋)(?:换|改|重新选)(?:选题|题目|方向|题)" + _ENDS),
    )
)  # fmt: skip


_WHEN_MINE = re.compile(
    r"我(?:们)?(?:是|在|该|要|得)*(?:几点|什么时候|第几个|第几位|哪天|几号|哪一天)(?:讲|汇报|上台|做汇报|上去讲|答辩|分享)(?:的|呢|啊|呀)*"
)
_MY_TALK = re.compile(
    r"我(?:是|在|该|要)?(?:几点|什么时候|哪天|几号)(?:讲|分享|主讲)(?:的|呢)?|我(?:这次|这个月|七月)?(?:需要|要不要|要|用|有没有|得)?(?:讲|分享|主讲|做分享|讲课)(?:什么|啥|哪场|哪天|哪一场|几点|几场|什么时候|的)*(?:吗|么|不|呢)*"
)


def short_question(reading: Reading, _mood: Mood) -> Decision | None:
    """A text that is one of these questions and nothing else; no state changes by any of them."""
    bare = _MARKS.sub("", reading.undated)
    if not bare or len(bare) > 24:
        return None
    if reading.role != "student" and _MY_TALK.fullmatch(bare):
        return Decision("my_talks")
    if _WHEN_MINE.fullmatch(bare):
        return Decision("report_days")
    if "?" in reading.text and re.fullmatch(_SIGN, bare):
        return Decision("checkin_duty")
    for label, slot, shape in _SHAPES:
        found = shape.fullmatch(bare)
        if found is None or (label == "clock" and not _is_of_now(reading)):
            continue
        return Decision(label, _slots(slot, found.groupdict()))
    return None


def _is_of_now(reading: Reading) -> bool:
    """几点了 and 今天几号, not 明天几点了: that is about the plan."""
    if not reading.dates:
        return re.search(r"了|现在|此刻|当前", reading.text) is not None
    today = reading.now.date()
    return all(f.span is not None and f.span.start == f.span.end == today for f in reading.dates)


def _slots(slot: str, groups: dict[str, str | None]) -> dict[str, Slot]:
    key, _, value = slot.partition("=")
    slots: dict[str, Slot] = {key: value} if key else {}
    for name, said in groups.items():
        number = whole_number(said) if said and name == "no" else None
        if number is not None:
            slots["topic_no"] = str(number)
        elif said and name != "no":
            slots[name] = said
    return slots

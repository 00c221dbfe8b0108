"""The words by which labels, persons, rooms and states are known in a session's text."""

from __future__ import annotations

import re

from programme.notice.dates import DateMention, scan_dates
from programme.notice.marks import fold, strip_marks

_SPEAKER_LABEL = (
    r"主\s*讲\s*(?:人|嘉宾|教师|老师|专家|者)?|(?:报告|演讲|分享|汇报|授课|发言|讲座|宣讲)\s*(?:人|嘉宾|教师|老师|专家|者)|讲\s*者|讲\s*师|"
    r"(?:特邀)?(?:嘉\s*宾|专\s*家)|教\s*师|导\s*师|任课老师|领\s*读\s*人?|领\s*学\s*人?|(?<![a-z])(?:speaker|presenter|lecturer)s?"
)

_PLACE_LABEL = r"(?:活动|上课|会议|报告|讲座|集合|举办|培训|分享|授课|学习|实验|研讨|讨论|统一|线下|训练)?(?:地\s*点|地\s*址|教\s*室|会议室|场\s*地|场\s*所|(?<![a-z])(?:venue|location|place|room))"

_TITLE_LABEL = r"(?:活动|报告|讲座|分享|演讲|会议|培训|课程)?\s*(?:题\s*目|主\s*题|议\s*题|名\s*称)|(?:活动|报告|讲座|学习|培训|授课|分享|会议)?内\s*容|(?<![a-z])(?:title|topic)"

_TIME_LABEL = r"(?:活动|上课|会议|报告|讲座|举办|培训|分享|授课|开始)?\s*(?:时\s*间|日\s*期)|(?<![a-z])(?:time|date|when)"

_OTHER_LABEL = r"主\s*持\s*人?|主\s*办|承\s*办|参加人员|参加对象|面向对象|对\s*象|备\s*注|说\s*明|联系人|联系电话|形\s*式|方\s*式|会议号|腾讯会议号|密\s*码|邀请人|单\s*位|(?<![a-z])(?:hosts?|chairs?|moderators?|abstract|bio|organi[sz]ers?|contacts?|note)"

LABEL = re.compile(
    rf"(?:(?P<speaker>{_SPEAKER_LABEL})|(?P<place>{_PLACE_LABEL})|(?P<title>{_TITLE_LABEL})|(?P<time>{_TIME_LABEL})|"
    rf"(?P<other>{_OTHER_LABEL}))\s*[)\]*]*\s*:",
    re.IGNORECASE,
)

HONORIFIC = r"(?:老师|副教授|教授|博士后|博士生|博士|研究员|院士|工程师|讲师|助教|先生|女士|学长|学姐|师兄|师姐|总监|经理|主任|院长|所长|同学|博导)"

ATTEND = re.compile(
    r"[请望]?\s*(?:请|望)?(?:全体|各位|所有|大家|相关|研究生|本科生|参会|课题组)*(?:同学们?|成员|人员|师生|老师|教师|学生)*(?:务必|必须|须|需|都要)*(?:准时|按时|积极|踊跃)*(?:参加|出席|到场|参会|到会|参与)"
)

EACH = re.compile(r"每个?(?=\s|\x00|$)")

NAME = r"(?:[\u4e00-\u9fff]{1,3}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,8}|[A-Z][A-Za-z.]*(?: [A-Z][A-Za-z.]*){0,2}\s?)"

PERSON = re.compile(rf"(?<![\u4e00-\u9fff]){NAME}{HONORIFIC}(?:\s*[、和与]\s*{NAME}{HONORIFIC})*")

PERSON_INSIDE = re.compile(
    rf"[\u4e00-\u9fffA-Za-z·. ]{{1,20}}?{HONORIFIC}(?:\s*[、和与]\s*{NAME}{HONORIFIC})*"
)

_SURNAMES = set(
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹曲欧靳祁路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷舒卜成饶宁凌盛查单冉鲍华包屈房喻"
)

ROOM = re.compile(
    r"(?:[\u4e00-\u9fff]{0,8}(?:楼|馆|教学楼|院|中心|厅|园|区|教[一二三四五六])\s*)?(?:(?<![A-Za-z])[A-Za-z]{1,2}\s?-?\d{1,4}|\d{3,4})(?:-\d{1,3})?(?:室|教室|会议室|机房|报告厅|房间)?(?![\d:年月日页分元人场次字%])"
    r"|[\u4e00-\u9fff]{0,10}(?:会议室|报告厅|教室|礼堂|机房|图书馆|大厅|演讲厅|阶梯教室|活动室|会议厅|学术厅|多功能厅|实验室|体育馆|操场|活动中心|会议中心|研讨间|研讨室|咖啡厅|咖啡馆|餐厅|食堂)(?:门口|门前|前厅|外|内)?(?:\s?[A-Za-z]?\d{1,4}|\s?[A-Z](?![A-Za-z])|[（(][^（）()]{1,12}[)）])?"
    r"|(?<![A-Za-z])(?i:(?:lecture\s+)?(?:room|rm\.?|hall|auditorium))\s?(?:[A-Z](?![A-Za-z])|\d)[\w-]{0,6}"
    r"|(?:线上会议|线上腾讯会议|腾讯会议室|线上|腾讯会议|钉钉会议|飞书会议|(?i:zoom))(?:[（(][^（）()]{1,30}[)）])?",
)

_SHARED = r"(?:时间|地点|教室|地址|场地|主讲人?|讲者|报告人)"

DITTO = re.compile(
    rf"(?:{_SHARED}(?:\s*[、,和及与]?\s*{_SHARED}){{0,2}}\s*:?\s*(?:均|都)?\s*)?(?<![共一协如等相齐])同(?:上|前)"
    rf"(?:一?[次场讲](?![座课])|(?:的)?\s*{_SHARED}(?:\s*[、和及与]?\s*{_SHARED}){{0,2}}|(?=[\s,;。()\x00]|$))"
)

IN_PLACE = re.compile(
    r"(?:(?:地点)?(?:改|换|移|调整|转)(?:在|到|至|为(?=线上|在线|腾讯|Zoom))|地点\s*(?:统一|均|都|一律|全部)?\s*(?:安排在|设在|定在|在|为)?|(?<![现正存实])在|于)\s*(?P<place>[^,;。:()《》\n\x00]{2,24}?)\s*(?=举行|举办|召开|进行|开展|主?讲(?![堂厅座])|作|做|集合|开会|参加|分享|报告(?!厅)|授课|上课|讨论|汇报|开讲|为|组织|听|[例组年班]会|讨论班|读书会|自习|打卡|开(?=[^,;。]{1,8}会)|签到|报到|答辩|座谈|观看|面试|考试|[,;。()《\n\x00]|$)"
)

GATHER_AT = re.compile(
    r"([\u4e00-\u9fffA-Za-z0-9]{1,10}?(?:门口?|广场|大厅|楼下|楼|车站|站|操场))集合|(?<![A-Za-z0-9_.])@\s*([^\s,;。@]{2,20})"
)

TITLE = re.compile(r"《((?:[^《》]|《[^《》]*》)*)》")

QUOTED = re.compile(r"[“「『\"]([^“”「」『』\"]{2,60})[”」』\"]")

CANCELLED = re.compile(r"取消|作废|停办|不再举行|不举行|取\s+消|(?<![A-Za-z])(?i:cancell?ed)(?![A-Za-z])")

# 1日 元旦: the name of a holiday alone is no session.
HOLIDAY = re.compile(
    r"(?:元旦|除夕|春节|元宵节?|清明节?|劳动节|五一|端午节?|中秋节?|国庆节?|法定)?(?:节日|假日|假期|放假|小长假)?"
)


SUSPENDED = re.compile(
    r"停课|放假|停止|暂停|停一次|不安排|休息|休假|不上课|停开|停讲|(?<![A-Za-z])(?i:no\s+(?:seminar|class|meeting|lecture|talk|session)(?:e?s)?)(?![A-Za-z])|(?<![\u4e00-\u9fff])停(?![\u4e00-\u9fff])"
)


_NOTHING = re.compile(r"[\s\-/\\无空—·.。×xX*]*|暂?无(?:安排|活动|课)?|休息|自习|无安排")

_SINGLE_VERB = r"(?:讲(?![座习评解师授义堂])|作(?![业品文])|做|为(?![什何]))"

VERBS = re.compile(
    rf"^(?:的|将|拟|分别|届时|请|由|邀请|举行|举办|召开|进行|开展|组织|主讲|讲授|讲解|题为|主题为|主题是|题目为|题目是|内容为|内容是|了|名为|带来|给大家|为大家|我们|关于|{_SINGLE_VERB})+"
)

TAILS = re.compile(
    rf"(?:作题为|做题为|题为|主题为|题目为|主讲|讲授|讲解|举行|举办|开展|进行|召开|主题|题目|作了?|(?<=的){_SINGLE_VERB}|^{_SINGLE_VERB})+$"
)

# Around plain words only verbs that are no part of a title are cut: 作业讲评 and 讲座 stay whole.
CONTENT_VERBS = re.compile(
    r"^(?:将|拟|分别|届时|现|起|开始|举行|举办|召开|进行|开展|组织|题为|主题为|主题是|题目为|题目是|内容为|内容是|全天|整天|每天|每日|(?:本周|下周|即日)起?|本(?:学期|学年|月)的?|当[天日]|照常|照旧|恢复|正常(?=\S{0,4}[会课])|调?休?补班|调休上班)+(?:\s+|(?=[^会])|$)"
)

CONTENT_TAILS = re.compile(r"(?:的|举行|举办|开展|进行|召开|主讲|讲授|作报告)+$")

BARE_VERB = re.compile(r"集合|集中|开会|上课|参加|开始|结束|签到|报到")

# Clauses that say who must come or that something takes place: no title, and 大二同学 is no speaker.
DUTY = re.compile(
    r"必须|务必|自愿|均需|按名单|轮流|轮值|需全程|不做硬性|尽量按|(?:同学|人员|学员)(?:都|均)?(?:要|需|可|应|欢迎)?参加"
    r"|^.{0,10}(?:定于?|将于)\s*(?:举行|举办|进行)?\s*$"
)

# Day 1 (Mon, Aug 10): what an English list writes around its dates.
ENGLISH_DAY = re.compile(
    r"(?<![A-Za-z])(?:day\s*\d{1,2}|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)(?![A-Za-z])\.?",
    re.IGNORECASE,
)

MEETING_NUMBER = re.compile(
    r"(?:(?:腾讯会议|Zoom|钉钉会议|飞书会议)(?:室|软件)?\s*(?:会议)?\s*(?:号码?|ID)?|(?:会议)?\s*(?:号码?|ID))\s*:?\s*\d[\d\- ]{5,}\d"
    r"(?:\s*[,、;]?\s*(?:会议|入会)?(?:密码|passcode|password)\s*:?\s*[A-Za-z0-9]{3,10})?",
    re.IGNORECASE,
)

_NO_NAMES = frozenset(
    [
        "高等",
        "方法",
        "成果",
        "关于",
        "单元",
        "单位",
        "安全",
        "安排",
        "常见",
        "常用",
        "向量",
        "于是",
        "万物",
        "包括",
        "史料",
        "文献",
        "石油",
        "金融",
        "武器",
        "程序",
        "严格",
        "路由",
        "路径",
        "项目",
        "江苏",
        "温度",
        "白板",
        "任务",
        "段落",
        "牛顿",
        "谷歌",
        "计算",
        "时间",
        "地点",
        "方程",
        "方案",
        "方向",
        "成绩",
        "成本",
        "关键",
        "常识",
        "单词",
        "华为",
        "金属",
        "白皮书",
        "水平",
        "通知",
        "汪洋",
        "高级",
        "高维",
        "高性能",
        "高效",
        "万能",
        "安装",
        "毕业",
        "毕业生",
        "陈述",
        "张量",
        "马达",
        "马尔",
        "石墨",
        "龙芯",
        "文本",
        "文化",
        "强化",
        "游戏",
        "管理",
        "雷达",
        "古典",
        "何为",
        "何时",
        "文章",
        "白天",
        "夏令营",
        "夏季",
        "温习",
        "路演",
        "任意",
        "柯西",
        "易用",
        "时序",
        "史诗",
        "项目组",
        "程序员",
        "安全性",
        "方法论",
        "金融学",
        "单片机",
        "关系",
        "简介",
        "平台",
        "全体",
        "全员",
        "明天",
        "贺卡",
        "章节",
        "程表",
        "周报",
        "周会",
        "周末",
        "周记",
        "周年",
        "任课",
        "安静",
        "毛坯",
    ]
)

CAPACITY = re.compile(
    r"(?:名额|人数)?\s*(?:仅)?限(?:额|定|报)?\s*(?:前)?\s*(\d{1,3})\s*(?:人|名|位)(?:参加)?|名额\s*:?\s*(\d{1,3})\s*(?:人|名|个|位)?"
)

# What fills the hours between talks: told, and no session beside others of its day.
BREAK = re.compile(
    r"(?:会议|现场|代表|嘉宾|学员|新生|集体|大会)?(?:签到|报到|注册|登记|入场|茶歇|休息|午休|午餐|晚餐|早餐|用餐|就餐|自助餐|盒饭|合影|拍照|离会|返程|自由活动|coffee\s*break|break|lunch|dinner|registration|check-?in)"
    r"(?:留念|时间)?(?:\s*(?:[、,/和与及&]|and)?\s*(?:签到|报到|注册|茶歇|休息|午休|午餐|晚餐|用餐|就餐|合影|拍照|coffee|lunch|break)(?:留念)?)*",
    re.IGNORECASE,
)

GROUP_WORDS = re.compile(
    r"小组(?:分享|讨论|会|例会|交流|活动|汇报)|组会|组内|例会|项目组(?:会|内|例|开)|课题组(?:会|内|例|开)|研讨班|各组"
)

GATHERING = re.compile(
    r"组会|例会|讨论班|研讨班|读书会|小组分享|小组讨论|小组会|开会|班会|组内交流|小组交流|研讨会|答疑|自习|自由讨论|讨论会|见面会|开幕式|闭幕式|动员会"
)

REPORT_DAY = re.compile(r"汇报|答辩")

TALK = re.compile(r"分享|报告会|讲座|论坛|沙龙")


def is_nothing(text: str) -> bool:
    """Whether a cell is empty in a printer's sense: blank, a dash, 无."""
    return _NOTHING.fullmatch(text) is not None


def looks_like_person(text: str) -> bool:
    """A bare Chinese name (2–3 characters beginning with a common surname) or one with a title."""
    bare = text.strip()
    if re.fullmatch(rf"{NAME}{HONORIFIC}", bare):
        return True
    return (
        re.fullmatch(r"[\u4e00-\u9fff]{2,3}", bare) is not None
        and bare[-1] not in "法论性式术度率型课会"
        and bare[0] in _SURNAMES
        and bare not in _NO_NAMES
    )


def is_named_person(text: str) -> bool:
    """One or several named people (王老师、李博士): each has a name, and no group or office is among them."""
    parts = [part.strip() for part in re.split(r"[、,，和与/&]|(?<=\S) and ", text) if part.strip()]
    return bool(parts) and all(_is_name(part) for part in parts)


def _is_name(part: str) -> bool:
    if re.search(r"组|全体|各位|待定|负责人|校外|邀请", part):
        return False
    bare = re.sub(r"[(（].*", "", part).strip()
    if re.fullmatch(rf"(?:各位|校外|相关)?{HONORIFIC}", bare):
        return False
    english = re.fullmatch(
        r"(?:(?:Dr|Prof|Mr|Ms|Mrs)\.? )?[A-Z][A-Za-z.'-]*(?: [A-Z][A-Za-z.'-]*){0,3}", bare
    )
    plain = re.fullmatch(r"[\u4e00-\u9fff]{2,4}", bare) is not None and "老师们" not in bare
    return (
        bool(english)
        or looks_like_person(bare)
        or plain
        or re.fullmatch(rf"\S{{1,10}}{HONORIFIC}", bare) is not None
    )


def find_room(text: str) -> str | None:
    match = ROOM.search(fold(text))
    return strip_marks(text[match.start() : match.end()]) if match else None


def dates_of(raw: str, *, bare_dates: bool = False) -> tuple[DateMention, ...]:
    """The dates of *raw*, those inside 《》 left out."""
    folded = fold(raw)
    hidden = TITLE.sub(lambda match: "《" + "\x01" * (len(match[0]) - 2) + "》", folded)
    return scan_dates(hidden, bare_dates=bare_dates)

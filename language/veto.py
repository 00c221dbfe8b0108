"""When a named action does not stand: the mood speaks against it, or the text only names a thing."""

from __future__ import annotations

import re

from language.decision import NO_ACTION, Decision
from language.mood import Mood, is_negated, is_of_others, is_remark
from language.reading import Reading

_NOUN_TAIL = re.compile(
    r"(?:情况|记录|统计|名单|规则|制度|要求|说明|流程|率|表|次数|截止|规定|步骤|方法|条件|明细|状态|结果|教程|进度|列表|汇总|时间|日期|地点|人数|格式|页数|字数|模板|标准|入口|链接|数据|范围|目录|清单|介绍|内容|推荐|区别)(?:表|呢|一下|吧|啊|发我|发一下|谢谢|给我|看看|查一下|有哪些)*$"
)
LOOKUP = re.compile(
    r"^(?:请|麻烦|帮忙|帮我|给我|我想|我要|想)*(?:查(?!收)|看(?!病)|统计|汇总|列(?:一下|出)|显示|导出|告诉我|了解)"
)


def is_noun_phrase(reading: Reading) -> bool:
    """Whether the text only names a thing (签到情况, 请假制度) and so asks for it."""
    if re.search(r"的(?:同学|人|学生|都有|名单)", reading.text):
        return True
    if re.search(r"(?:改|换|调)(?:时间|日期|地点)$", reading.text):
        return False
    return _NOUN_TAIL.search(reading.text) is not None or LOOKUP.match(reading.text) is not None


def stopped(
    reading: Reading, mood: Mood, verbs: str, *, future: bool = True, past: bool = True
) -> Decision | None:
    """NO_ACTION when the mood speaks against an action named by *verbs*, None when it stands (T5)."""
    if mood.is_hypothetical or mood.is_undecided or mood.is_reported or mood.has_failed:
        return NO_ACTION
    if is_remark(reading.text) or is_of_others(reading):
        return NO_ACTION
    if is_negated(reading.text, verbs):
        return NO_ACTION
    if future and mood.is_future:
        return NO_ACTION
    if past and mood.is_past:
        return NO_ACTION
    return None

"""Questions about the research topics to choose from (T6, T9)."""

from __future__ import annotations

import re

from language.aspects import session_slots
from language.decision import BOOK_TITLE, Decision, topic_number
from language.mood import Mood
from language.reading import Reading
from language.understood import Slot

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
        word = keyword(reading)
        if word is not None:
            slots["keyword"] = word
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


def keyword(reading: Reading) -> str | None:
    """The word by which a text asks for topics, None without one."""
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

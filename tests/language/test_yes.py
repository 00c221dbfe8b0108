"""Which texts are a yes that may confirm an open question: a short yes by itself, and nothing else."""

from __future__ import annotations

from datetime import datetime

import pytest

from language.understand import understand

NOW = datetime.fromisoformat("2023-07-04T14:20:00+08:00")


@pytest.mark.parametrize(
    "text",
    ["好", "好的", "好的！", "好。", "ok", "OK", "Okay", "嗯", "嗯嗯", "是", "是的", "对", "对的", "行", "可以",
     "没错", "要", "就这个", "同意", "👌", "[OK]", "好👌", "好的 🙏"],
)  # fmt: skip
def test_a_short_yes_is_a_yes(text: str) -> None:
    assert understand(text, NOW, "student").intent == "yes"


@pytest.mark.parametrize(
    "text",
    ["收到", "知道了", "哦", "明白", "了解", "好…", "嗯...", "好。。", "好吗", "好？", "是吧", "对吧", "是嘛", "好😂",
     "嗯🤔", "👍", "好的谢谢", "好，谢谢", "好的老师", "好的我知道了", "好的等会", "好像不对", "好难", "好烦", "对了",
     "是不是", "可以吗", "要不算了", "不好", "不对", "不行", "行不行", "好的，但是我想换", "好，不过先不选", "随便", "都行",
     "@王小明 好", "「张三：吃饭吗」\n- - - - -\n好", "1", "11", "嗯？", "额好", "好个屁", "是你啊", "要下雨了"],
)  # fmt: skip
def test_anything_more_or_less_is_no_yes(text: str) -> None:
    assert understand(text, NOW, "student").intent not in ("yes", "confirm")


@pytest.mark.parametrize("role", ["mentor", "admin"])
def test_the_bare_agreement_of_those_who_decide_is_a_decision(role: str) -> None:
    """T7: 同意 of a mentor decides a request; 好 is a yes for all."""
    agreed = understand("同意", NOW, "mentor" if role == "mentor" else "admin")
    said_yes = understand("好", NOW, "mentor" if role == "mentor" else "admin")

    assert (agreed.intent, said_yes.intent) == ("approve", "yes")

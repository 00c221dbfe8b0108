"""What a hasty reader gives to the wrong people or the wrong session: read rightly, or asked, never in silence."""

from __future__ import annotations

import pytest

from programme.notice.notice import Notice
from tests.programme.notice.conftest import Parse


def _asked(notice: Notice) -> set[int]:
    return {line for item in notice.anomalies if item.done == "asked" for line in item.lines}


def _paid(notice: Notice) -> list[tuple[int | None, str | None, tuple[str, ...]]]:
    return [(reward.amount, reward.unit, reward.applies_to) for reward in notice.rewards]


@pytest.mark.parametrize(
    ("text", "paid"),
    [
        (
            "补贴标准：研一 800 元/月、研二 1000 元/月、博士 2000 元/月。",
            [(800, "元/月", ("研1",)), (1000, "元/月", ("研2",)), (2000, "元/月", ("博士生",))],
        ),
        (
            "本科生每人每次补贴50元，硕士生600元/月，博士生 1000 元每月。",
            [(50, "每人每次", ("本科生",)), (600, "元/月", ("硕士生",)), (1000, "每月", ("博士生",))],
        ),
        (
            "补贴：800元/月（博士），600元/月（硕士）。",
            [(800, "元/月", ("博士生",)), (600, "元/月", ("硕士生",))],
        ),
        (
            "生活补助博士 1,500 元、硕士 0.8千元。",
            [(1500, None, ("博士生",)), (800, None, ("硕士生",))],
        ),
        ("论文奖励 SCI 一区 1万元/篇。", [(10000, "元/篇", ("participants",))]),
    ],
)
def test_a_sum_is_for_the_cohorts_named_beside_it(
    read: Parse, text: str, paid: list[tuple[int | None, str | None, tuple[str, ...]]]
) -> None:
    notice = read(f"暑期安排\n7月8日14:00在A301《图学习》。\n{text}\n", 2024)

    assert _paid(notice) == paid


def test_a_sum_without_a_unit_keeps_its_own_condition(read: Parse) -> None:
    notice = read("安排\n7月8日14:00《图学习》。\n全程参加的每人补助 1500 元，只参加一半的 700。\n", 2024)

    assert [(reward.amount, reward.condition) for reward in notice.rewards] == [
        (1500, "全程参加"),
        (700, "只参加一半"),
    ]


@pytest.mark.parametrize(
    "text", ["缺交一次扣 100 元补贴。", "每缺席一场扣除50元补贴。", "迟到罚款20元，从补贴里扣。"]
)
def test_a_deduction_is_no_reward_and_is_kept_or_asked(read: Parse, text: str) -> None:
    notice = read(f"安排\n7月8日14:00《图学习》。\n{text}\n", 2024)

    assert notice.rewards == ()
    assert 3 in _asked(notice) | {rule.source.line for rule in notice.rules if rule.source is not None}


def test_each_item_of_a_line_is_a_session_of_its_own(read: Parse) -> None:
    notice = read(
        "青年学者论坛\n11月16日8:30-9:00签到，9:00-9:20开幕式，9:20-10:10特邀报告一《量子计算》（报告人：潘教授），"
        "10:10-10:30茶歇，10:30-11:20特邀报告二《可信AI》（报告人：周教授）。地点：报告厅\n",
        2024,
    )

    assert [
        (
            f"{s.start:%H:%M}",
            f"{s.end:%H:%M}",
            s.place,
            [(item.title or item.track, item.speaker) for item in s.items],
        )
        for s in notice.sessions
        if s.start is not None and s.end is not None
    ] == [
        ("08:30", "09:00", "报告厅", [("签到", None)]),
        ("09:00", "09:20", "报告厅", [("开幕式", None)]),
        ("09:20", "10:10", "报告厅", [("量子计算", "潘教授")]),
        ("10:10", "10:30", "报告厅", [("茶歇", None)]),
        ("10:30", "11:20", "报告厅", [("可信AI", "周教授")]),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("日期：7月8日、7月15日\n时间：上午10:00\n内容：7月8日 开题交流；7月15日 中期检查\n", 2),
        ("7月12日 下午2：00 分论坛一（201室）、分论坛二（202室）\n", 2),
        ("10月8日（周二）14:00 起恢复，直至下学期\n", 2),
        ("12月4日 晚七点至九点 《高性能计算》讲座 主讲：钟工 机房\n", 2),
    ],
)
def test_what_does_not_stand_together_in_a_session_is_asked(read: Parse, text: str, line: int) -> None:
    notice = read(f"学习安排\n{text}", 2024)

    assert line in _asked(notice)

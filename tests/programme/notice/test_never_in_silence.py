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


def test_each_talk_of_a_line_is_a_session_of_its_own_and_breaks_are_told(read: Parse) -> None:
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
        ("09:00", "09:20", "报告厅", [("开幕式", None)]),
        ("09:20", "10:10", "报告厅", [("量子计算", "潘教授")]),
        ("10:30", "11:20", "报告厅", [("可信AI", "周教授")]),
    ]
    assert [a.what for a in notice.anomalies if "不是报告" in a.what] == [
        "第2行的08:30–09:00签到、10:10–10:30茶歇不是报告，没有排成场次"
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


@pytest.mark.parametrize(
    "text",
    [
        "请假条\n尊敬的老师：\n我因7月10日（周三）下午2点要去医院复查，不能参加当天组会，特此请假。\n学生 王明\n2024年7月9日\n",
        "亲爱的妈妈：\n我在学校一切都好，10月2日14:00到家。\n儿子 小明\n9月5日\n",
    ],
)
def test_a_letter_of_one_person_is_no_notice(read: Parse, text: str) -> None:
    notice = read(text, 2024)

    assert ["不是通知" in reason for reason in notice.refused] == [True]


def test_our_school_writes_a_notice(read: Parse) -> None:
    notice = read("学术周\n尊敬的老师：\n我校定于10月8日14:00在A301举行《图学习》。\n", 2024)

    assert notice.refused == ()


def test_a_january_that_opens_in_december_crosses_the_year(read: Parse) -> None:
    notice = read(
        "一月安排\n\n周一\t周二\t周三\t周四\t周五\n"
        "30日 下午14:30 小组分享\t31日 下午14:30 《总结》\t1日\t2日 下午14:30 《计划》\t3日\n"
        "6日 下午14:30 小组分享\t7日 下午14:30 《设计》\t8日\t9日 下午14:30 《回复》\t10日\n",
        2024,
    )

    assert [s.held_on.isoformat() for s in notice.sessions] == [
        "2024-12-30",
        "2024-12-31",
        "2025-01-02",
        "2025-01-06",
        "2025-01-07",
        "2025-01-09",
    ]


def test_a_session_that_a_cell_moves_is_held_on_its_new_day_and_told(read: Parse) -> None:
    notice = read(
        "五月安排\n\n周一\t周二\t周三\n"
        "6 上午9:30 文献分享\t7\t8\n"
        "20 上午9:30 文献分享（赵六）改到21日下午2点\t21\t22\n",
        2024,
    )

    assert [(f"{s.held_on:%m-%d}", f"{s.start:%H:%M}", s.end) for s in notice.sessions if s.start] == [
        ("05-06", "09:30", None),
        ("05-21", "14:00", None),
    ]
    assert (5,) in [item.lines for item in notice.anomalies if item.code == "makeup_day"]
    assert "weekday_mismatch" not in {item.code for item in notice.anomalies}


def test_two_series_of_one_day_keep_their_own_hours(read: Parse) -> None:
    notice = read(
        "八月计划\n8月1日至8月31日，每周一上午9点组会。\n8月19日至8月20日，每天9:00-18:00集中开发。\n", 2024
    )

    assert [
        (f"{s.start:%H:%M}", s.end and f"{s.end:%H:%M}")
        for s in notice.sessions
        if s.held_on.day == 19 and s.start
    ] == [("09:00", None), ("09:00", "18:00")]


def test_every_day_of_a_bracket_is_held_elsewhere(read: Parse) -> None:
    notice = read(
        "训练班\n10月12日至11月9日，每周六9:00-12:00训练班，地点：综合楼101（10月19日、11月2日改在综合楼203）。\n",
        2024,
    )

    assert [(f"{s.held_on:%m-%d}", s.place) for s in notice.sessions] == [
        ("10-12", "综合楼101"),
        ("10-19", "综合楼203"),
        ("10-26", "综合楼101"),
        ("11-02", "综合楼203"),
        ("11-09", "综合楼101"),
    ]


def test_an_english_header_names_its_columns(read: Parse) -> None:
    notice = read(
        "2024 Fall Group Meeting\n\nDate\tTime\tPresenter\tTitle\tRoom\n"
        "Oct 8 Tue\t10:00-11:30\tYu Chen\tDiffusion Policies\t5-301\n"
        "Oct 15 Tue\t10:00-11:30\tHao Li\tWorld Models\t5-302\n",
        None,
    )

    assert [
        (s.held_on.isoformat(), s.place, [(item.title, item.speaker) for item in s.items])
        for s in notice.sessions
    ] == [
        ("2024-10-08", "5-301", [("Diffusion Policies", "Yu Chen")]),
        ("2024-10-15", "5-302", [("World Models", "Hao Li")]),
    ]


def test_a_moved_lecture_keeps_its_own_title(read: Parse) -> None:
    notice = read(
        "讲座通知\n原定于11月5日（周二）下午的《论文写作》讲座改至11月7日（周四）下午15:00。\n"
        "11月14日（周四）15:00 《专利撰写》，地点B202，主讲人：陈律师。\n",
        2024,
    )

    assert [
        (f"{s.held_on:%m-%d}", [(item.title, item.speaker) for item in s.items]) for s in notice.sessions
    ] == [("11-07", [("论文写作", None)]), ("11-14", [("专利撰写", "陈律师")])]


@pytest.mark.parametrize(
    "text",
    ["线上参会：腾讯会议 456-789-1230，密码 2024。", "至少参加6场者发证书。", "缺课不超过2次者发证书。"],
)
def test_numbers_to_enter_and_duties_are_never_lost(read: Parse, text: str) -> None:
    notice = read(f"安排\n7月8日14:00在A301《图学习》。\n{text}\n", 2024)

    assert 3 in _asked(notice) | {rule.source.line for rule in notice.rules if rule.source is not None}

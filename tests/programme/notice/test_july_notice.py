"""The sample notice: everything that is printed, and nothing that is not (R01–R13)."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from documents.notice_reader import read_notice_file
from programme.notice.notice import Notice
from programme.notice.reading import parse
from programme.notice.result import to_json, to_programme

SAMPLE = Path(__file__).parents[3] / "samples" / "notice.txt"


def _only(keys: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: item.get(key) for key in keys if key != "anomalies"} for item in found]


@pytest.mark.parametrize("part", ["sessions", "dates_without_session", "topics"])
def test_r01_the_part_equals_what_is_expected(
    part: str, result: dict[str, Any], expected: dict[str, Any]
) -> None:
    wanted = [{key: value for key, value in item.items() if key != "anomalies"} for item in expected[part]]

    found = _only(expected[part][0], result[part])

    assert found == wanted


def test_r01_the_frame_of_the_notice_equals_what_is_expected(
    result: dict[str, Any], expected: dict[str, Any]
) -> None:
    frame = {key: result["programme"][key] for key in expected["programme"]}

    assert (frame, result["counts"]) == (expected["programme"], expected["counts"])


def test_r01_the_23_requirements_agree_in_rule_value_and_line(
    result: dict[str, Any], expected: dict[str, Any]
) -> None:
    wanted = [
        {key: rule[key] for key in ("id", "rule", "applies_to", "value", "source")}
        for rule in expected["requirements"]
    ]

    assert _only(wanted[0], result["requirements"]) == wanted


def test_r01_the_5_rewards_agree_in_amount_unit_and_line(
    result: dict[str, Any], expected: dict[str, Any]
) -> None:
    keys = ("id", "name", "condition", "amount", "unit", "applies_to", "source")

    assert _only(keys, result["rewards"]) == _only(keys, expected["rewards"])


@pytest.mark.parametrize("part", ["contacts", "attachments", "topics_preamble"])
def test_r01_people_and_papers_agree(part: str, result: dict[str, Any], expected: dict[str, Any]) -> None:
    wanted = expected[part]
    if part == "topics_preamble":
        wanted = {key: wanted[key] for key in ("text", "line", "chars")}

    assert result[part] == wanted


def test_r01_the_anomalies_agree_in_code_and_lines(result: dict[str, Any], expected: dict[str, Any]) -> None:
    wanted = sorted((item["code"], sorted(item["lines"])) for item in expected["anomalies"])

    assert sorted((item["code"], item["lines"]) for item in result["anomalies"]) == wanted


def test_r02_without_a_year_nothing_is_imported_and_only_fitting_years_are_offered() -> None:
    notice = parse(read_notice_file(SAMPLE), None)

    assert (notice.sessions, notice.candidate_years, bool(notice.refused)) == (
        (),
        (2017, 2023, 2028, 2034),
        True,
    )


def test_r02_without_a_year_the_anomaly_names_the_lines_where_it_could_stand() -> None:
    found = [item for item in parse(read_notice_file(SAMPLE), None).anomalies if item.code == "year_missing"]

    assert [(item.lines, item.done) for item in found] == [((3, 16, 19), "refused")]


def test_r02_a_year_that_does_not_fit_lists_every_weekday_and_imports_nothing() -> None:
    notice = parse(read_notice_file(SAMPLE), 2024)

    mismatches = [item for item in notice.anomalies if item.code == "weekday_mismatch"]
    assert (len(mismatches), {item.done for item in mismatches}, notice.sessions) == (20, {"refused"}, ())


@pytest.mark.parametrize("year", [2017, 2023, 2028, 2034])
def test_r02_every_offered_year_imports_twelve_sessions(year: int) -> None:
    assert len(parse(read_notice_file(SAMPLE), year).sessions) == 12


def test_r03_the_misprinted_wednesday_is_the_5th_and_holds_no_session(notice: Notice) -> None:
    free = [(day.held_on, day.printed_day) for day in notice.free_days if day.codes]

    assert free == [(date(2023, 7, 5), 11)]


def test_r03_11_july_has_exactly_one_session(notice: Notice) -> None:
    titles = [[item.title for item in s.items] for s in notice.sessions if s.held_on == date(2023, 7, 11)]

    assert titles == [["科研申请"]]


def test_r03_the_misprint_is_reported_as_fixed(notice: Notice) -> None:
    found = [(a.lines, a.done) for a in notice.anomalies if a.code == "weekday_mismatch"]

    assert found == [((19,), "fixed")]


def test_r04_10_july_keeps_1400_and_the_other_mondays_1430(notice: Notice) -> None:
    mondays = [f"{s.held_on.day} {s.start:%H:%M}" for s in notice.sessions if s.held_on.weekday() == 0]

    assert mondays == ["3 14:30", "10 14:00", "17 14:30", "24 14:30"]


def test_r05_three_thursdays_have_a_part_of_the_day_and_no_hour(notice: Notice) -> None:
    pending = [(s.held_on.day, s.period, s.period_source) for s in notice.sessions if s.start is None]

    source = "line 14 (周二、周四下午)"
    assert pending == [(6, "afternoon", source), (13, "afternoon", source), (20, "afternoon", source)]


def test_r07_each_of_these_thursdays_is_one_session_with_two_items_in_order(notice: Notice) -> None:
    tracks = [[item.track for item in s.items] for s in notice.sessions if s.kind == "talks"]

    assert tracks == [["前沿研究分享", "工程项目开发分享"]] * 3


def test_r08_27_july_is_a_report_day_with_an_hour(notice: Notice) -> None:
    last = notice.sessions[-1]

    assert (last.held_on, last.kind, f"{last.start:%H:%M}", len(last.items)) == (
        date(2023, 7, 27),
        "report_day",
        "14:30",
        1,
    )


def test_r09_same_titles_stay_separate_sessions(notice: Notice) -> None:
    days = [
        s.held_on.day for s in notice.sessions if s.items[0].title in ("科研论文写作", "科研学习成果汇报")
    ]

    assert days == [4, 18, 25, 27]


def test_r10_no_session_is_on_a_wednesday_or_a_friday(notice: Notice) -> None:
    assert {s.held_on.weekday() for s in notice.sessions} == {0, 1, 3}


def test_r11_place_end_and_speaker_are_unknown(notice: Notice) -> None:
    facts = {(s.place, s.end, item.speaker) for s in notice.sessions for item in s.items}

    assert facts == {(None, None, None)}


def test_r12_all_sessions_are_tentative(notice: Notice) -> None:
    assert {s.status for s in notice.sessions} == {"tentative"}


def test_r13_monday_sessions_belong_to_a_project_group(notice: Notice) -> None:
    assert {s.held_on.weekday(): s.scope for s in notice.sessions} == {
        0: "own_project_group",
        1: "everyone",
        3: "everyone",
    }


def test_questions_begin_with_the_year_and_then_ask_hours_place_end_papers_and_rules(notice: Notice) -> None:
    subjects = [question.subject for question in notice.questions]

    assert subjects == [
        "year",
        "start:S04",
        "start:S03,S06,S09",
        "place",
        "end",
        "asset:科研报告格式要求",
        "asset:PPT 模板",
        "setting:report_once",
        "setting:group_meeting_scope",
        "setting:rating_scale",
        "setting:writing_fee_unit",
        "setting:own_topic",
        "setting:optional_duties",
        "setting:online_guarantee_cohorts",
    ]


def test_line_45_promises_no_money(notice: Notice) -> None:
    assert 45 not in {reward.source.line for reward in notice.rewards}


def test_the_programme_has_one_occurrence_per_session_of_everybody(notice: Notice) -> None:
    programme = to_programme(notice, "july")

    assert [o.occurrence_id for o in programme.occurrences] == [
        f"july:{s.session_id}" for s in notice.sessions if s.scope == "everyone"
    ]


def test_every_fact_can_be_quoted_by_its_line(notice: Notice) -> None:
    quoted = [
        notice.lines[s.source.line or 0].replace("\t", " ").count(s.source.phrase) for s in notice.sessions
    ]

    assert min(quoted) == 1


def test_reading_the_notice_takes_less_than_a_third_of_a_second_of_processor_time() -> None:
    parse(read_notice_file(SAMPLE), 2023)
    begun = time.process_time()

    to_json(parse(read_notice_file(SAMPLE), 2023))

    assert time.process_time() - begun < 0.3

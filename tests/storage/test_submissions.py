"""What is handed in: versions, the same file twice, two tabs at once, who has seen it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from programme.sessions import Source
from programme.submissions import PARTS, Finding, PageRule, Verdict, judge
from storage import submissions
from storage.database import Database, Tx
from storage.submissions import Submission
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

RULE = PageRule(20, Source(32, "20 页以上"))


def one(number: int, sha256: str = "a" * 64, part: str = "report", at: datetime = AT) -> Submission:
    return Submission(
        submission_id=f"{number:032x}",
        programme_id=P,
        person_id="s1",
        part=part,
        kind=None,
        state="received",
        version=None,
        name=f"报告v{number}.pdf",
        url=None,
        file=f"{number + 100:032x}",
        size_bytes=1000,
        sha256=sha256,
        pages=None,
        told=None,
        task_id=None,
        received_at=at,
        judged_at=None,
    )


def hand_in(tx: Tx, sent: Submission, pages: int, at: datetime = AT) -> Submission | None:
    submissions.receive(tx, sent)
    return decide(tx, sent, pages, at)


def decide(tx: Tx, sent: Submission, pages: int, at: datetime = AT) -> Submission | None:
    finding = Finding("pdf", pages)
    return submissions.judged(tx, sent, finding, judge(PARTS[sent.part], finding, 20), RULE, at)


def stored(database: Database) -> list[tuple[str, int | None, bool]]:
    found = database.read(lambda tx: submissions.of_person(tx, P, "s1"))
    return [(row.state, row.version, row.file is not None) for row in found]


def test_drafts_have_no_version_and_what_counts_is_numbered(database: Database) -> None:
    """R21."""
    for number, (sha, pages) in enumerate((("a", 12), ("b", 23), ("c", 8), ("d", 25)), 1):
        database.write(partial(hand_in, sent=one(number, sha * 64, at=later(minutes=number)), pages=pages))

    assert stored(database) == [
        ("draft", None, True),
        ("submitted", 1, True),
        ("draft", None, True),
        ("submitted", 2, True),
    ]


def test_what_is_told_names_the_version_before_and_what_is_missing(database: Database) -> None:
    database.write(lambda tx: hand_in(tx, one(1, "a" * 64), 23))
    second = database.write(lambda tx: hand_in(tx, one(2, "b" * 64, at=later(minutes=5)), 25))

    assert second is not None
    assert second.told is not None
    told = {key: second.told[key] for key in ("version", "pages", "checksum", "missing", "rule_line")}
    assert told == {
        "version": 2,
        "pages": 25,
        "checksum": "bbbb",
        "missing": ["PPT", "汇报时段"],
        "rule_line": 32,
    }
    assert second.told["before"] == {"version": 1, "pages": 23, "at": "2023-07-04T06:25"}


def test_the_same_file_twice_is_one_version_and_keeps_one_file(database: Database) -> None:
    """B30."""
    database.write(lambda tx: hand_in(tx, one(1), 23))
    database.write(lambda tx: hand_in(tx, one(2, at=later(minutes=1)), 23))

    assert stored(database) == [("submitted", 1, True), ("same", None, False)]


def test_an_older_file_handed_in_again_is_a_new_version(database: Database) -> None:
    for number, sha in enumerate("aba", 1):
        database.write(partial(hand_in, sent=one(number, sha * 64, at=later(minutes=number)), pages=23))

    assert [version for _, version, _ in stored(database)] == [1, 2, 3]


def test_a_draft_counts_when_the_rule_has_changed(database: Database) -> None:
    """R19: the lab asks for 10 pages from now on."""
    database.write(lambda tx: hand_in(tx, one(1), 12))
    again = replace(one(2), received_at=later(minutes=1))
    database.write(lambda tx: submissions.receive(tx, again))
    verdict = Verdict("submitted", "enough", 12, 10)

    database.write(
        lambda tx: submissions.judged(tx, again, Finding("pdf", 12), verdict, PageRule(10, None), AT)
    )

    assert stored(database) == [("draft", None, True), ("submitted", 1, True)]


def test_a_verdict_is_given_once(database: Database) -> None:
    first = database.write(lambda tx: hand_in(tx, one(1), 23))

    again = database.write(lambda tx: decide(tx, one(1), 5))

    assert (first is not None, again) == (True, None)


def test_two_files_judged_at_once_are_two_versions(database: Database, overlap: Overlap) -> None:
    """Two tabs, on both engines."""
    for number, sha in ((1, "a"), (2, "b")):
        database.write(partial(submissions.receive, one=one(number, sha * 64)))

    overlap(
        lambda tx: decide(tx, one(1, "a" * 64), 23),
        lambda tx: decide(tx, one(2, "b" * 64), 24),
    )

    assert sorted(stored(database)) == [("submitted", 1, True), ("submitted", 2, True)]


def test_the_same_file_judged_twice_at_once_counts_once(database: Database, overlap: Overlap) -> None:
    for number in (1, 2):
        database.write(partial(submissions.receive, one=one(number, at=later(seconds=number))))

    overlap(lambda tx: decide(tx, one(1), 23), lambda tx: decide(tx, one(2), 23))

    assert sorted(state for state, _, _ in stored(database)) == ["same", "submitted"]


def test_a_file_received_twice_is_one_row(database: Database) -> None:
    added = [database.write(lambda tx: submissions.receive(tx, one(1))) for _ in range(2)]

    assert added == [True, False]


def test_the_first_look_of_a_mentor_is_kept(database: Database) -> None:
    done = database.write(lambda tx: hand_in(tx, one(1), 23))
    assert done is not None

    for _ in range(2):
        database.write(lambda tx: submissions.see(tx, "s2", done, AT))

    assert database.read(lambda tx: submissions.is_seen(tx, done.submission_id))
    assert database.read(lambda tx: submissions.is_seen_by(tx, "s2", done.submission_id))
    assert not database.read(lambda tx: submissions.is_seen_by(tx, "s3", done.submission_id))


def test_only_files_that_are_kept_are_named(database: Database) -> None:
    database.write(lambda tx: hand_in(tx, one(1), 23))
    database.write(lambda tx: hand_in(tx, one(2, at=later(minutes=1)), 23))

    assert database.read(submissions.files) == {one(1).file}


def test_the_template_that_holds_is_the_last_one(database: Database) -> None:
    """R28."""
    for number, sha in ((1, "a"), (2, "b")):
        sent = one(number, sha * 64, "report_template", later(minutes=number))
        database.write(partial(hand_in, sent=sent, pages=1))

    found = database.read(lambda tx: submissions.newest_asset(tx, P, "report_template"))

    assert found is not None
    assert (found.version, found.name) == (2, "报告v2.pdf")


def test_what_was_sent_lately_is_counted(database: Database) -> None:
    database.write(lambda tx: submissions.receive(tx, one(1)))

    counts = [
        database.read(partial(submissions.count_since, person_id="s1", since=since))
        for since in (AT, later(seconds=1))
    ]

    assert counts == [1, 0]

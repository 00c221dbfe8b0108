"""Versions of calendar links, and when sessions changed."""

from __future__ import annotations

from dataclasses import replace

from storage import calendar_feeds, programmes
from storage.database import Database
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, LECTURE, LECTURE_FOR_ALL, TALKS, P, later


def test_everybody_begins_with_the_first_version(database: Database) -> None:
    assert database.read(lambda tx: calendar_feeds.version(tx, "s1")) == 1


def test_each_renewal_is_the_next_version_of_that_person_alone(database: Database) -> None:
    first = database.write(lambda tx: calendar_feeds.renew(tx, P, "s1", AT))
    second = database.write(lambda tx: calendar_feeds.renew(tx, P, "s1", later(minutes=1)))

    assert (first, second) == (2, 3)
    assert database.read(lambda tx: calendar_feeds.version(tx, "s1")) == 3
    assert database.read(lambda tx: calendar_feeds.version(tx, "s2")) == 1


def test_two_renewals_at_once_are_two_versions(database: Database, overlap: Overlap) -> None:
    first = overlap(
        lambda tx: calendar_feeds.renew(tx, P, "s1", AT),
        lambda tx: calendar_feeds.renew(tx, P, "s1", later(seconds=1)),
    )

    assert first == (2, 3)


def test_a_programme_that_never_changed_has_the_moment_it_was_stored_alone(database: Database) -> None:
    stamps = database.read(lambda tx: calendar_feeds.stamps(tx, P))

    assert stamps is not None
    assert (stamps.stored_at, dict(stamps.changed_at)) == (AT, {})


def test_a_change_is_dated_and_a_later_one_without_a_date_keeps_the_date(database: Database) -> None:
    changed_at, moved_at = later(minutes=5), later(minutes=6)
    retitled = replace(LECTURE, place="A102", version=2)
    database.write(lambda tx: programmes.change_session(tx, P, retitled, changed_at))
    database.write(lambda tx: programmes.change_session(tx, P, replace(retitled, version=3)))
    moved = replace(LECTURE_FOR_ALL, place="A102", version=2)
    database.write(lambda tx: programmes.change_occurrence(tx, P, moved, moved_at))

    stamps = database.read(lambda tx: calendar_feeds.stamps(tx, P))

    assert stamps is not None
    assert dict(stamps.changed_at) == {"S02": changed_at, "p2023-S02": moved_at}


def test_a_corrected_notice_dates_what_it_changes(database: Database) -> None:
    revised_at = later(minutes=5)
    old = database.read(lambda tx: programmes.load(tx, P))
    assert old is not None
    talks = replace(TALKS, place="B1", version=2)
    new = replace(old, sessions=(old.sessions[0], talks))
    database.write(lambda tx: programmes.revise(tx, old, new, revised_at))

    stamps = database.read(lambda tx: calendar_feeds.stamps(tx, P))

    assert stamps is not None
    assert dict(stamps.changed_at) == {"S03": revised_at}


def test_a_programme_that_is_not_there_has_no_stamps(database: Database) -> None:
    assert database.read(lambda tx: calendar_feeds.stamps(tx, "other")) is None

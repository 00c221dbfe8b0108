"""What a person wants of reminders, stored and seen by the snapshot."""

from __future__ import annotations

from storage import people
from storage.database import Database
from storage.personal import set_reminding
from storage.snapshot import Snapshot
from tests.storage.samples import AT, PEOPLE, P


def test_the_three_wishes_are_stored_together_and_seen_in_memory(database: Database) -> None:
    snapshot = Snapshot()
    snapshot.refresh(database)

    stored = database.write(lambda tx: set_reminding(tx, "s3", muted=False, asked=True, lead_min=60))

    snapshot.refresh(database)
    person = snapshot.person("s3")
    assert person is not None
    assert (stored, person.muted, person.asked_reminders, person.lead_min) == (True, False, True, 60)


def test_nobody_wants_nothing(database: Database) -> None:
    assert database.write(lambda tx: set_reminding(tx, "x", muted=True, asked=False, lead_min=None)) is False


def test_a_roster_keeps_what_people_want(database: Database) -> None:
    database.write(lambda tx: set_reminding(tx, "s1", muted=True, asked=True, lead_min=5))

    database.write(lambda tx: people.save_roster(tx, P, PEOPLE, {}, AT))

    [person] = [p for p in database.read(lambda tx: people.load_people(tx, P)) if p.person_id == "s1"]
    assert (person.muted, person.asked_reminders, person.lead_min) == (True, True, 5)

"""Leave: asked once, decided once, withdrawn by the person; only granted leave keeps reminders away."""

from __future__ import annotations

from storage import leave
from storage.database import Database
from storage.leave import Leave
from tests.storage.conftest import Overlap
from tests.storage.samples import AT, P, later

LECTURE = "p2023-S02"


def ask(database: Database, reason: str = "发烧", person_id: str = "s2") -> bool:
    return database.write(lambda tx: leave.ask(tx, P, person_id, LECTURE, reason, AT))


def decide(database: Database, decision: leave.Decision) -> bool:
    return database.write(lambda tx: leave.decide(tx, "s2", LECTURE, decision, "s1", later(minutes=1)))


def absent(database: Database) -> frozenset[str]:
    return database.read(lambda tx: leave.on_leave(tx, LECTURE))


def test_leave_is_asked_once(database: Database) -> None:
    asked = [ask(database), ask(database, "还是发烧")]

    assert asked == [True, False]
    assert database.read(lambda tx: leave.of_occurrence(tx, LECTURE)) == (
        Leave(P, "s2", LECTURE, "asked", "发烧", AT),
    )


def test_asking_alone_excuses_nobody(database: Database) -> None:
    ask(database)

    assert absent(database) == frozenset()


def test_granted_leave_excuses(database: Database) -> None:
    ask(database)
    decide(database, "granted")

    assert absent(database) == frozenset({"s2"})
    assert database.read(lambda tx: leave.of_person(tx, P, "s2")) == (
        Leave(P, "s2", LECTURE, "granted", "发烧", AT, "s1", later(minutes=1)),
    )


def test_the_first_decision_counts(database: Database) -> None:
    ask(database)

    decided = [decide(database, "refused"), decide(database, "granted")]

    assert (decided, absent(database)) == ([True, False], frozenset())


def test_what_nobody_asked_cannot_be_granted(database: Database) -> None:
    assert decide(database, "granted") is False


def test_after_a_refusal_leave_may_be_asked_again(database: Database) -> None:
    ask(database)
    decide(database, "refused")

    asked = ask(database, "有证明")

    found = database.read(lambda tx: leave.find(tx, "s2", LECTURE))
    assert (asked, found) == (True, Leave(P, "s2", LECTURE, "asked", "有证明", AT))


def test_whoever_comes_after_all_is_no_longer_excused(database: Database) -> None:
    ask(database)
    decide(database, "granted")

    withdrawn = [database.write(lambda tx: leave.withdraw(tx, "s2", LECTURE, AT)) for _ in range(2)]

    assert (withdrawn, absent(database)) == ([True, False], frozenset())


def test_leave_of_one_excuses_no_other(database: Database) -> None:
    ask(database)
    ask(database, person_id="s3")
    decide(database, "granted")

    assert absent(database) == frozenset({"s2"})


def test_of_two_who_decide_at_once_one_is_first(database: Database, overlap: Overlap) -> None:
    ask(database)

    told = overlap(
        lambda tx: leave.decide(tx, "s2", LECTURE, "granted", "s1", AT),
        lambda tx: leave.decide(tx, "s2", LECTURE, "refused", "t1", AT),
    )

    assert (told, absent(database)) == ((True, False), frozenset({"s2"}))

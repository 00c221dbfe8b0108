"""Topic choices (选题): one current choice a person, every earlier one kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.database import Tx
from storage.times import from_text, to_text


@dataclass(frozen=True)
class TopicChoice:
    """*order* is Topic.order; None in a history entry that withdrew."""

    order: int | None
    chosen_at: datetime


def choose(
    tx: Tx, programme_id: str, person_id: str, order: int, at: datetime, cap: int | None = None
) -> bool:
    """Make *order* the person's current choice; False when *cap* others have it already.

    Whoever wants the same topic at the same moment passes its door one after the other, and the count
    is taken inside. Raises Conflict for a topic that is not there.
    """
    values = _values(programme_id, person_id, order, at)
    if cap is not None:
        _pass_door(tx, programme_id, order)
    stored = tx.execute(
        """
        insert into topic_choice (programme_id, person_id, topic_order, chosen_at)
        select :programme_id, :person_id, :topic_order, :at
        where :has_no_cap = 1 or :cap > (
                select count(*)
                from topic_choice
                where programme_id = :programme_id and topic_order = :topic_order
                    and person_id <> :person_id)
        on conflict (programme_id, person_id) do update
        set topic_order = excluded.topic_order, chosen_at = excluded.chosen_at""",
        {**values, "has_no_cap": int(cap is None), "cap": cap or 0},
    )
    if stored == 1:
        _keep(tx, programme_id, person_id, order, at)
    return stored == 1


def _pass_door(tx: Tx, programme_id: str, order: int) -> None:
    """Locks the door's row until the end of the transaction, on either engine."""
    tx.execute(
        """
        insert into topic_door (programme_id, topic_order, passes)
        values (:programme_id, :topic_order, 1)
        on conflict (programme_id, topic_order) do update
        set passes = topic_door.passes + 1""",
        {"programme_id": programme_id, "topic_order": order},
    )


def withdraw(tx: Tx, programme_id: str, person_id: str, at: datetime) -> bool:
    """Drop the current choice; False when there is none."""
    dropped = tx.execute(
        "delete from topic_choice where programme_id = :programme_id and person_id = :person_id",
        {"programme_id": programme_id, "person_id": person_id},
    )
    if dropped != 1:
        return False
    _keep(tx, programme_id, person_id, None, at)
    return True


def current_choice(tx: Tx, programme_id: str, person_id: str) -> TopicChoice | None:
    found = tx.query(
        """
        select topic_order, chosen_at
        from topic_choice
        where programme_id = :programme_id and person_id = :person_id""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return TopicChoice(found[0]["topic_order"], from_text(found[0]["chosen_at"])) if found else None


def how_many_chose(tx: Tx, programme_id: str) -> Mapping[int, int]:
    """How many people currently have each topic, by its order; topics without one are absent."""
    found = tx.query(
        """
        select topic_order, count(*) as people
        from topic_choice
        where programme_id = :programme_id
        group by topic_order""",
        {"programme_id": programme_id},
    )
    return {row["topic_order"]: row["people"] for row in found}


def history(tx: Tx, programme_id: str, person_id: str) -> tuple[TopicChoice, ...]:
    """What the person chose and withdrew, oldest first."""
    found = tx.query(
        """
        select topic_order, at
        from topic_choice_history
        where programme_id = :programme_id and person_id = :person_id
        order by at""",
        {"programme_id": programme_id, "person_id": person_id},
    )
    return tuple(TopicChoice(row["topic_order"], from_text(row["at"])) for row in found)


def _keep(tx: Tx, programme_id: str, person_id: str, order: int | None, at: datetime) -> None:
    tx.execute(
        """
        insert into topic_choice_history (programme_id, person_id, topic_order, at)
        values (:programme_id, :person_id, :topic_order, :at)""",
        _values(programme_id, person_id, order, at),
    )


def _values(programme_id: str, person_id: str, order: int | None, at: datetime) -> dict[str, object]:
    return {
        "programme_id": programme_id,
        "person_id": person_id,
        "topic_order": order,
        "at": to_text(at),
    }

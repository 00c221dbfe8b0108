"""撤回 after the sending: taken back by each message id, tried again, and told to who asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from channels.channel import Delivery
from messages.envelope import Push
from scheduler.recalling import NotTakenBack, Recall
from storage import outbox, tasks
from storage.database import Database
from storage.tasks import Task
from tests.scheduler import july
from tests.scheduler.july import P, shanghai
from tests.scheduler.platform import Platform

NOW = shanghai(12, 10)

Opener = Callable[[], Database]


class Recalling(Platform):
    def __init__(self, answer: Delivery) -> None:
        super().__init__()
        self.capabilities = type(self.capabilities)(2048, False, False, False, recalls=True)
        self.recalled: list[str] = []
        self._answer = answer

    def recall(self, msgid: str) -> Delivery:
        self.recalled.append(msgid)
        return self._answer


@pytest.fixture
def sent(instance: Opener) -> tuple[Database, Task]:
    """An announcement of which one call was delivered as m1 and one push still waits."""
    database = instance()
    database.write(july.store)
    data = {"by": "admin01", "title": {"kind": "broadcast", "text": "带电脑"}}
    told = database.write(lambda tx: tasks.add(tx, P, "expand", data, NOW))
    for person in ("stu001", "stu002"):
        push = Push(f"told:{told}:{person}", person, "broadcast/told", {}, NOW)
        database.write(lambda tx, push=push: outbox.enqueue(tx, P, push, NOW))  # type: ignore[misc]
    database.write(lambda tx: outbox.create_call(tx, "wecom", b"{}", [f"told:{told}:stu001"], NOW))
    (call,) = database.write(lambda tx: outbox.claim_calls(tx, "r", NOW, 60, 1))
    database.write(
        lambda tx: outbox.finish_call(tx, call.call_id, call.fence, "done", {}, NOW, 0, msgid="m1")
    )
    wish = {"task_id": told, "by": "admin01"}
    asked = database.write(lambda tx: tasks.add(tx, P, "recall", wish, NOW))
    task = database.read(lambda tx: tasks.find(tx, asked))
    assert task is not None
    return database, task


def test_what_arrived_is_taken_back_and_what_waits_is_not_sent(sent: tuple[Database, Task]) -> None:
    database, task = sent
    platform = Recalling(Delivery("delivered", 0))

    result = Recall(database, {"wecom": platform})(task, NOW)

    states = [row.state for row in database.read(lambda tx: outbox.delivery_of(tx, P, "told:"))]
    (report,) = database.read(lambda tx: outbox.delivery_of(tx, P, "recalled:"))
    assert (platform.recalled, states) == (["m1"], ["delivered", "useless"])
    assert (result, report.values["back"], report.person_id) == ({"back": 1, "left": 0}, 1, "admin01")


@pytest.mark.parametrize("outcome", ["retry", "wait", "unknown"])
def test_while_the_platform_does_not_answer_it_is_tried_again(
    sent: tuple[Database, Task], outcome: str
) -> None:
    database, task = sent
    platform = Recalling(Delivery(outcome))  # type: ignore[arg-type]

    with pytest.raises(NotTakenBack):
        Recall(database, {"wecom": platform})(task, NOW)

    assert database.read(lambda tx: outbox.delivery_of(tx, P, "recalled:")) == ()


def test_a_door_that_cannot_take_back_is_told_so(sent: tuple[Database, Task]) -> None:
    database, task = sent

    result = Recall(database, {"wecom": Platform()})(task, NOW)

    assert result == {"back": 0, "left": 1}

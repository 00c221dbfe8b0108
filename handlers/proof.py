"""What the screen shows and how an answer to it is compared: three tries a person and session (D20, T5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from handlers import schedule
from handlers.asking import ask
from handlers.context import Context
from language.normalise import normalise
from language.understood import Understood
from messages.envelope import Reply
from programme import grid
from programme.attendance import Proof
from programme.codes import is_current
from programme.grid import Cell, cell_of, is_elsewhere, is_in_cell, step_of
from programme.schedule import Event
from storage import checkins, device_codes, signals
from storage.signals import Signal

TRIES = 3  # later ones are not compared
DEVICE_CODE_LIFE = timedelta(minutes=2)  # from the page behind the QR code to the chat

Compared = Literal["right", "wrong", "last_wrong", "exhausted"]


def question(event: Event, context: Context) -> Reply:
    """What this person is asked to read from the screen: the number, their own cell, or the QR code."""
    values = {**shown(event, context), **wait_for_answer(event, context)}
    return Reply(f"checkin/ask_{ASKED[context.setup.checkin.proof]}", values)


ASKED: dict[Proof, str] = {"none": "code", "code": "code", "grid": "word", "qr": "scan"}


def wait_for_answer(event: Event, context: Context, asked_in: int | None = None) -> dict[str, object]:
    """Open the question; the values that say which cell. *asked_in* keeps the cell of an earlier step."""
    occurrence_id = event.occurrence.occurrence_id
    if context.setup.checkin.proof != "grid":
        ask(context, "checkin_code", {"occurrence_id": occurrence_id})
        return {}
    step = current_step(context) if asked_in is None else asked_in
    ask(context, "checkin_word", {"occurrence_id": occurrence_id, "step": step})
    return {"cell": cell_of(context.setup.signing_key, occurrence_id, context.person.person_id, step)}


def asked_again(event: Event, context: Context, asked_in: int | None = None) -> Reply:
    """That was wrong; the same question once more, with what is left."""
    left = TRIES - tries_of(event, context)
    values = {**shown(event, context), **wait_for_answer(event, context, asked_in), "left": left}
    return Reply("checkin/wrong_word" if "cell" in values else "checkin/wrong_code", values)


def shown(event: Event, context: Context) -> dict[str, object]:
    rules = context.setup.checkin
    return {"event": schedule.shown(event, context), "rotate_s": rules.rotate_s, "proof": rules.proof}


def tries_of(event: Event, context: Context) -> int:
    return checkins.code_tries(context.tx, event.occurrence.occurrence_id, context.person.person_id)


def is_exhausted(event: Event, context: Context) -> bool:
    return tries_of(event, context) >= TRIES


def current_step(context: Context) -> int:
    return step_of(context.moment, context.setup.checkin.rotate_s)


def compare_code(code: str, event: Event, context: Context) -> Compared:
    """Each try is counted before it is looked at, so that tries sent at the same instant count, too."""
    tries = count_try(event, context)
    if tries > TRIES:
        return "exhausted"
    if is_right_code(code, event, context):
        return "right"
    return "last_wrong" if tries == TRIES else "wrong"


def is_right_code(code: str, event: Event, context: Context) -> bool:
    rules, occurrence_id = context.setup.checkin, event.occurrence.occurrence_id
    if rules.proof != "qr":
        return is_current(context.setup.signing_key, occurrence_id, code, context.moment, rules.rotate_s)
    since = context.moment - DEVICE_CODE_LIFE
    return device_codes.use(context.tx, occurrence_id, code, context.person.person_id, context.moment, since)


def compare_word(word: str, asked_in: int, event: Event, context: Context) -> Compared:
    """Against this person's own cell of the step in which they were asked, as the screen shows it now."""
    tries = count_try(event, context)
    if tries > TRIES:
        return "exhausted"
    occurrence_id, person_id = event.occurrence.occurrence_id, context.person.person_id
    cell = cell_of(context.setup.signing_key, occurrence_id, person_id, asked_in)
    if is_in_cell(context.setup.signing_key, occurrence_id, cell, word, current_step(context)):
        return "right"
    note_anothers_cell(word, cell, event, context)
    return "last_wrong" if tries == TRIES else "wrong"


def count_try(event: Event, context: Context) -> int:
    occurrence_id = event.occurrence.occurrence_id
    return checkins.count_code_try(context.tx, occurrence_id, context.person.person_id, context.at)


def note_anothers_cell(word: str, own: Cell, event: Event, context: Context) -> None:
    """A word of the grid that is not in one's own cell: a slip of the eye, or somebody else's answer."""
    occurrence_id = event.occurrence.occurrence_id
    if not context.setup.checkin.signals:
        return
    if is_elsewhere(context.setup.signing_key, occurrence_id, word, current_step(context)):
        signal = Signal(
            context.person.person_id, "anothers_cell", context.at, f"第{own.row}行第{own.column}列"
        )
        signals.note(context.tx, context.programme.programme_id, occurrence_id, signal)


def word_in(understood: Understood) -> str | None:
    """The two characters of an answer; None for small words (好的, 谢谢) and everything else."""
    if understood.intent not in ("out_of_scope", "no_action"):
        return None
    return grid.typed_word(normalise(understood.text).text)


def is_nearly_word(understood: Understood) -> bool:
    """One, three or four characters that mean nothing else: an answer of the wrong length, and no try."""
    bare = "".join(understood.text.split()).strip("。，,.!！")
    is_short = 1 <= len(bare) <= 4 and all("\u4e00" <= character <= "\u9fff" for character in bare)
    return is_short and understood.intent == "out_of_scope"


def two_characters(event: Event, asked_in: int, context: Context) -> Reply:
    """That was no answer yet; the same cell again."""
    values = {**shown(event, context), **wait_for_answer(event, context, asked_in)}
    return Reply("checkin/two_characters", values)

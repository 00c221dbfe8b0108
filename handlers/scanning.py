"""扫码签到: the menu button scans the QR code on the screen; the event carries what the camera read."""

from __future__ import annotations

from handlers import checkin, proof
from handlers.context import Context
from handlers.links import qr_of, token_in
from language.understood import Understood
from messages.envelope import Reply
from programme.attendance import Taken
from storage import checkins


def handle(understood: Understood, context: Context) -> Reply:
    """An old or foreign code is no guess: nothing is counted against anybody, and the next step is said."""
    token = token_in(understood.text)
    opened = qr_of(context.setup.signing_key, token) if token else None
    if opened is None:
        return Reply("checkin/not_our_qr")
    if context.setup.checkin.proof != "qr":
        return checkin.handle(understood, context)
    today = checkin.held_on(context.at.date(), context)
    verdict = checkin.judge(today, context)
    if not isinstance(verdict, Taken):
        return checkin.already(today, context) or checkin.refusal(verdict, context)
    occurrence_id, step = opened
    event = verdict.event
    if event.occurrence.occurrence_id != occurrence_id:
        return Reply("checkin/qr_elsewhere", checkin.shown(event, context))
    found = checkins.find(context.tx, occurrence_id, context.person.person_id)
    if not checkin.is_opened(event, context) or (found and found.counts):
        return checkin.take(verdict, "", context)
    if proof.current_step(context) - step not in (0, 1):
        return Reply("checkin/qr_old", {"rotate_s": context.setup.checkin.rotate_s})
    return checkin.proven(verdict, "qr", context)

"""What the notice leaves open: the admin sees the list and answers with 回复 2 14:00, one or several."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from handlers.announcing import Changed, announce, audience_of
from handlers.asking import ask
from handlers.context import Context
from handlers.names import name_of
from language.answers import answers_in
from language.understood import Understood
from messages.envelope import Reply
from programme.notice.answers import Answered
from programme.programme import Programme, Question
from programme.questions import Outcome, apply_all, current_answer, example_of, text_now
from programme.sessions import Session
from storage import audit, decided, pending, programmes
from storage.pending import Pending

PAGE = 5  # open questions shown at once; 更多 shows the next ones
Answers = Sequence[tuple[int, str]]


def show(understood: Understood, context: Context) -> Reply:
    if "admin" not in context.person.roles:
        return Reply("question/only_admin")
    programme = context.programme
    waiting = [shown(q, programme, context) for q in programme.questions if q.state == "open"]
    aside = [q.number for q in programme.questions if q.is_put_aside]
    page = PAGE if len(waiting) > PAGE + 2 else len(waiting) or PAGE
    return Reply(
        "question/list" if waiting else "question/none", {"questions": waiting, "aside": aside, "page": page}
    )


def shown(question: Question, programme: Programme, context: Context) -> dict[str, object]:
    """A question as people read it: by the plan of now, with what holds and an answer it would take."""
    return {
        "number": question.number,
        "text": text_now(programme, question),
        "options": question.options,
        "example": example_of(question, programme),
        "state": question.state,
        "is_put_aside": question.is_put_aside,
        "current": current_answer(programme, question),
        "by": name_of(question.answered_by, context),
        "at": question.answered_at.astimezone(context.setup.zone) if question.answered_at else None,
        "takes_days": question.subject == "place" or question.subject == "end" or "," in question.subject,
    }


def answer(understood: Understood, context: Context) -> Reply:
    """Shows what the answers change; 确认 stores them (design D9: a session's change is confirmed)."""
    if "admin" not in context.person.roles:
        return Reply("question/only_admin")
    slots = understood.slots
    given = answers_in(understood.text) or ((int(slots.get("number") or 0), str(slots.get("answer") or "")),)
    if len(given) == 1 and (not given[0][1] or find(context.programme, given[0][0]) is None):
        return asked_back(given[0][0], context)
    outcome = apply_all(context.programme, given)
    if not outcome.understood:
        return Reply(
            "question/not_understood", {"answers": spoken(outcome, context), "is_one": len(given) == 1}
        )
    if outcome.only_puts_aside:
        return settle(outcome, context)
    ask(context, "answer_question", {"answers": json.dumps([[n, text] for n, text, _ in outcome.understood])})
    values = {"answers": spoken(outcome, context), "is_one": len(given) == 1}
    values |= {"concerned": len(audience_of(changes_of(outcome, context), context))}
    return Reply("question/confirm", values)


def asked_back(number: int, context: Context) -> Reply:
    """回复 3 alone: what question 3 asks, what holds now, and an answer it would take."""
    question = find(context.programme, number)
    if question is None:
        return Reply("question/no_such_number", {"number": number})
    return Reply("question/needs_answer", {"question": shown(question, context.programme, context)})


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    if understood.intent not in ("confirm", "confirm_quietly"):
        return None
    given = [(int(number), str(text)) for number, text in json.loads(str(asked.data["answers"]))]
    outcome = apply_all(context.programme, given)
    if not outcome.understood:
        return Reply("guide/question_gone")
    return settle(outcome, context, is_quiet=understood.intent == "confirm_quietly")


def settle(outcome: Outcome, context: Context, *, is_quiet: bool = False) -> Reply:
    """Store the answers and tell those concerned; *is_quiet* while the programme is being set up."""
    values: dict[str, object] = {"answers": spoken(outcome, context)}
    if not store(outcome, context):
        return changed_meanwhile(outcome, context)
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    told = [] if is_quiet else changes_of(outcome, context)
    announce(told, None, context)
    left = sum(1 for q in outcome.after.questions if q.state == "open")
    return Reply(
        "question/answered",
        values
        | {"left": left, "changed": len(outcome.changed), "concerned": len(audience_of(told, context))},
    )


def changes_of(outcome: Outcome, context: Context) -> list[Changed]:
    """What the answers change, for those concerned: an hour or a place set later is told once (R11)."""
    before = {session.session_id: session for session in context.programme.sessions}
    return [
        Changed(
            before[after.session_id],
            after,
            tuple(o for o in outcome.moved if o.session_id == after.session_id),
        )
        for after in outcome.changed
        if after.held_on >= context.at.date()
    ]


def changed_meanwhile(outcome: Outcome, context: Context) -> Reply:
    """Somebody else was faster (B59): who, what and when; the question stays, so 确认 would go over it."""
    fresh = programmes.load(context.tx, context.programme.programme_id)
    faster = None
    for number, _, _ in outcome.understood:
        now = find(fresh, number) if fresh else None
        if now is not None and now != find(context.programme, number):
            faster = shown(now, fresh or context.programme, context)
    return Reply("question/changed_meanwhile", {"question": faster, "now": context.at})


def spoken(outcome: Outcome, context: Context) -> list[dict[str, object]]:
    """Each answer with the question it is about and what becomes of it."""
    before = {session.session_id: session for session in context.programme.sessions}
    found: list[dict[str, object]] = []
    for number, text, verdict in outcome.verdicts:
        question = find(context.programme, number)
        told: dict[str, object] = {
            "number": number,
            "text": text,
            "question": shown(question, context.programme, context) if question else None,
        }
        if isinstance(verdict, Answered):
            told |= {
                "after": verdict.question,
                "text_after": text_now(outcome.after, verdict.question),
                "changes": changes(verdict, before),
                "alike": alike(verdict, before),
                "hint": None,
            }
            before |= {session.session_id: session for session in verdict.changed}
        else:
            told |= {"after": None, "text_after": None, "changes": [], "alike": [], "hint": verdict.hint}
        found.append(told)
    return found


def changes(verdict: Answered, before: dict[str, Session]) -> list[dict[str, Session]]:
    return [{"before": before[s.session_id], "after": s} for s in verdict.changed]


def alike(verdict: Answered, before: dict[str, Session]) -> list[dict[str, object]]:
    """The changes put together by what changes: a dozen sessions that get one place are one line."""
    found: dict[tuple[object, ...], list[date]] = {}
    for after in verdict.changed:
        old = before[after.session_id]
        pairs = ((old.start, after.start), (old.end, after.end), (old.place, after.place))
        change = tuple(value for pair in pairs for value in (pair if pair[0] != pair[1] else (None, None)))
        found.setdefault(change, []).append(after.held_on)
    names = ("old_start", "start", "old_end", "end", "old_place", "place")
    return [dict(zip(names, change, strict=True)) | {"days": days} for change, days in found.items()]


def store(outcome: Outcome, context: Context) -> bool:
    """Write the answers and what follows; False when the programme has changed since it was shown.

    The next version is taken first: whoever is second learns it before anything of theirs is written.
    """
    programme_id, by = context.programme.programme_id, context.person.person_id
    if programmes.bump(context.tx, programme_id) != context.programme.version + 1:
        return False
    for session in outcome.changed:
        if not programmes.change_session(context.tx, programme_id, session, context.at):
            return False
    for occurrence in outcome.moved:
        if not programmes.change_occurrence(context.tx, programme_id, occurrence, context.at):
            return False
    for key, value in outcome.settings.items():
        if value is None:
            decided.drop_setting(context.tx, programme_id, key)
        else:
            decided.set_setting(context.tx, programme_id, key, value, by, context.at)
    for number, text, verdict in outcome.understood:
        store_answer(verdict.question, text, context)
        old = find(context.programme, number)
        was = current_answer(context.programme, old) if old else None
        audit.write(
            context.tx,
            programme_id,
            context.at,
            by,
            "answer_question",
            f"question:{number}",
            was,
            text,
            None,
        )
    return True


def store_answer(question: Question, text: str, context: Context) -> None:
    programme_id, number = context.programme.programme_id, question.number
    if question.state == "open":
        decided.reopen_question(context.tx, programme_id, number)
        return
    answer = question.answer or text
    decided.answer_question(context.tx, programme_id, number, answer, context.person.person_id, context.at)


def find(programme: Programme, number: int) -> Question | None:
    return next((q for q in programme.questions if q.number == number), None)

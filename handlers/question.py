"""What the notice leaves open: the admin sees the list and answers with 回复 2 14:00."""

from __future__ import annotations

from handlers.asking import ask
from handlers.context import Context
from language.understood import Understood
from messages.envelope import Reply
from programme.notice.answers import Answered, NotUnderstood, apply_answer
from programme.programme import Question
from programme.questions import moved_occurrences
from programme.sessions import Session
from storage import audit, pending, programmes
from storage.pending import Pending


def show(understood: Understood, context: Context) -> Reply:
    if "admin" not in context.person.roles:
        return Reply("question/only_admin")
    waiting = [q for q in context.programme.questions if q.state == "open"]
    return Reply("question/list" if waiting else "question/none", {"questions": waiting})


def answer(understood: Understood, context: Context) -> Reply:
    """Shows what the answer changes; 确认 stores it (design D9: a session's change is confirmed)."""
    if "admin" not in context.person.roles:
        return Reply("question/only_admin")
    number, text = int(understood.slots.get("number") or 0), str(understood.slots.get("answer") or "")
    question = find(context, number)
    if question is None:
        return Reply("question/no_such_number", {"number": number})
    if not text:
        return Reply("question/needs_answer", {"question": question})
    verdict = apply_answer(context.programme, number, text)
    if isinstance(verdict, NotUnderstood):
        return Reply("question/not_understood", {"question": question, "hint": verdict.hint})
    ask(context, "answer_question", {"number": number, "text": text})
    return Reply(
        "question/confirm", {"question": question, "changes": changes(verdict, context), "text": text}
    )


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    if understood.intent != "confirm":
        return None
    number, text = int(str(asked.data["number"])), str(asked.data["text"])
    verdict = apply_answer(context.programme, number, text)
    question = find(context, number)
    if question is None or isinstance(verdict, NotUnderstood):
        return Reply("guide/question_gone")
    if not store(verdict, number, text, context):
        return Reply("question/changed_meanwhile", {"question": question})
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    left = sum(1 for q in verdict.questions if q.state == "open")
    shown = verdict.question.answer or text
    values = {"question": verdict.question, "changes": changes(verdict, context), "left": left, "text": shown}
    return Reply("question/answered", values)


def store(verdict: Answered, number: int, text: str, context: Context) -> bool:
    """Write the answer and what follows from it; False when the programme has changed since it was shown.

    The next version is taken first: whoever is second learns it before anything of theirs is written.
    """
    programme_id, by = context.programme.programme_id, context.person.person_id
    if programmes.bump(context.tx, programme_id) != context.programme.version + 1:
        return False
    for session in verdict.changed:
        if not programmes.change_session(context.tx, programme_id, session, context.at):
            return False
    for occurrence in moved_occurrences(context.programme, verdict):
        if not programmes.change_occurrence(context.tx, programme_id, occurrence, context.at):
            return False
    for key, value in verdict.settings.items():
        programmes.set_setting(context.tx, programme_id, key, value, by, context.at)
    if verdict.question.state == "answered":
        programmes.answer_question(context.tx, programme_id, number, text, by, context.at)
    audit.write(
        context.tx, programme_id, context.at, by, "answer_question", f"question:{number}", None, text, None
    )
    return True


def find(context: Context, number: int) -> Question | None:
    return next((q for q in context.programme.questions if q.number == number), None)


def changes(verdict: Answered, context: Context) -> list[dict[str, Session | None]]:
    before = {session.session_id: session for session in context.programme.sessions}
    return [{"before": before.get(s.session_id), "after": s} for s in verdict.changed]

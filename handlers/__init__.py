"""The use cases: one module each. INTENTS says which handler takes which label of language/."""

from __future__ import annotations

from collections.abc import Mapping

from handlers import (
    binding,
    broadcast,
    calendar,
    change,
    checkin,
    checkin_times,
    contacts,
    correction,
    engineering,
    evidence,
    explanation,
    guarantee,
    guide,
    lab_rules,
    late_checkin,
    opening,
    own_topic,
    people,
    programme_choice,
    question,
    rating,
    recheck,
    reminding,
    rewards,
    roll_call,
    rules,
    scanning,
    schedule,
    signalling,
    speaker,
    status,
    submission,
    submission_files,
    summary,
    talk_screen,
    talk_swaps,
    talks,
    topic,
    unsure,
)
from handlers.context import Context, Handle, Handling, StrangerContext, TakesAnswer
from handlers.not_here import not_here
from handlers.recall import Recall

# Questions whose answers rest on words of the notice, for 依据.
SOURCED: Mapping[str, Handle] = {
    "schedule_query": schedule.handle,
    "rules": rules.handle,
    "rewards": rewards.handle,
    "topic_query": topic.query,
}

WITHDRAWING = unsure.asked_back("withdraw")


def intents(recall: Recall) -> Mapping[str, Handling[Context]]:
    """Label → handler. *asks* answers from memory or a reader; *acts* runs inside one transaction."""
    return {
        "schedule_query": Handling(schedule.handle, "asks"),
        "topic_query": Handling(topic.query, "asks"),
        "topic_by_printed_no": Handling(topic.by_print, "acts"),
        "my_status": Handling(people.mine, "asks"),
        "person_record": Handling(people.record, "asks"),
        "members": Handling(people.members, "asks"),
        "who_am_i": Handling(status.who_am_i, "asks"),
        "rewards": Handling(rewards.handle, "asks"),
        "rules": Handling(rules.handle, "asks"),
        "help": Handling(guide.help_, "asks"),
        "evidence": Handling(evidence.handler(recall, SOURCED), "asks"),
        "clock": Handling(schedule.clock, "asks"),
        "report_days": Handling(talks.mine, "asks"),
        "talk_order": Handling(talks.order, "asks"),
        "talk_screen": Handling(talk_screen.handle, "asks"),
        "talk_count": Handling(talks.count, "asks"),
        "plan_talks": Handling(talks.propose, "acts"),
        "swap": Handling(talk_swaps.propose, "acts"),
        "accept_swap": Handling(talk_swaps.accept, "acts"),
        "refuse_swap": Handling(talk_swaps.refuse, "acts"),
        "may_choose": Handling(topic.may_choose, "asks"),
        "may_change": Handling(topic.may_change, "asks"),
        "checkin_window": Handling(checkin_times.window, "asks"),
        "checkin_duty": Handling(checkin_times.duty, "asks"),
        "checkin_code": Handling(checkin_times.code, "asks"),
        "checkin_told": Handling(checkin_times.told, "asks"),
        "complaint": Handling(guide.complaint, "asks"),
        "contact": Handling(contacts.handle, "asks"),
        "about_bot": Handling(guide.about_bot, "asks"),
        "more": Handling(guide.more(recall), "asks"),
        "switch_programme": Handling(programme_choice.handle, "acts"),
        "lab_rules": Handling(lab_rules.show, "asks"),
        "set_lab_rule": Handling(lab_rules.propose, "acts"),
        "summary": Handling(summary.handle, "asks"),
        "attendance_file": Handling(summary.make_file, "acts"),
        "export": Handling(summary.export, "acts"),
        "questions": Handling(question.show, "asks"),
        "greeting": Handling(guide.greeting, "asks"),
        "thanks": Handling(guide.thanks, "asks"),
        "ack": Handling(guide.ack, "asks"),
        "yes": Handling(guide.ack, "asks"),
        "no_action": Handling(guide.no_action, "asks"),
        "out_of_scope": Handling(guide.not_understood, "asks"),
        "confirm": Handling(guide.nothing_to_confirm, "asks"),
        "confirm_quietly": Handling(guide.nothing_to_confirm, "asks"),
        "check_in": Handling(checkin.handle, "acts"),
        "late_checkin": Handling(late_checkin.handle, "acts"),
        "correct_record": Handling(correction.handle, "acts"),
        "roll_call": Handling(roll_call.handle, "acts"),
        "to_verify": Handling(roll_call.to_verify, "asks"),
        "recheck": Handling(recheck.handle, "acts"),
        "presence_signals": Handling(signalling.handle, "asks"),
        "scan_checkin": Handling(scanning.handle, "acts"),
        "open_checkin": Handling(opening.open_screen, "acts"),
        "choose_topic": Handling(topic.choose, "acts"),
        "own_topic": Handling(own_topic.handle, "acts"),
        "withdraw": Handling(broadcast.stopping(WITHDRAWING.handle), "acts"),
        "bind": Handling(binding.already_bound, "acts", refreshes=True),
        "rebind": Handling(binding.already_bound, "acts"),
        "approve": unsure.asked_back("approve"),
        "calendar": Handling(calendar.handle, "asks"),
        "calendar_renew": Handling(calendar.renew, "acts"),
        "opt_in": Handling(status.opt_in, "acts", refreshes=True),
        "opt_out": Handling(status.opt_out, "acts", refreshes=True),
        "reminder": Handling(broadcast.stopping(reminding.handle), "acts", refreshes=True),
        "answer_question": Handling(question.answer, "acts", refreshes=True),
        "broadcast": Handling(broadcast.handle, "acts"),
        "delivery": Handling(broadcast.delivery, "asks"),
        "leave": unsure.asked_back("leave"),
        "guarantee": Handling(guarantee.handle, "acts"),
        "explain": Handling(explanation.handle, "acts"),
        "online_checkin": Handling(guarantee.check_in, "acts"),
        "submit": Handling(submission.handle, "acts"),
        "submission_of": Handling(submission_files.handle, "asks"),
        "upload_template": Handling(submission.upload_template, "asks"),
        "my_talks": Handling(speaker.mine, "asks"),
        "opening_time": Handling(speaker.propose_time, "acts"),
        "reschedule": Handling(change.handle, "acts"),
        "cancel": Handling(change.cancel, "acts"),
        "restore": Handling(change.restore, "acts"),
        "grade": Handling(rating.handle, "acts"),
        "progress": Handling(engineering.progress, "acts"),
        "accept_work": Handling(engineering.accept, "acts"),
        "deny": Handling(broadcast.stopping(guide.deny), "acts"),
        "cancel_dialog": Handling(broadcast.stopping(guide.deny), "acts"),
    } | {label: Handling(not_here(label), "asks") for label in NOT_HERE}


# Understood, but carried out by a person for now: the answer says that nothing was recorded and whom to ask.
NOT_HERE = (
    "nudge",
    "my_data",
    "delete_my_data",
    "hold_over",
)

# What somebody may do whom the roster does not place; every other label gets the guide.
STRANGER_INTENTS: Mapping[str, Handling[StrangerContext]] = {
    "bind": Handling(binding.bind, "acts", refreshes=True),
    "check_in": Handling(binding.unplaced_checkin, "acts"),
    "scan_checkin": Handling(binding.unplaced_checkin, "acts"),
    "online_checkin": Handling(binding.unplaced_checkin, "acts"),
    "deny": Handling(binding.withdrawn, "acts"),
    "cancel_dialog": Handling(binding.withdrawn, "acts"),
}
STRANGER_GUIDE = Handling(binding.guide, "asks")

# Kinds of open questions → who takes the answer.
ANSWERS: Mapping[str, TakesAnswer[Context]] = {
    "topic": TakesAnswer(topic.confirmed, takes_yes=True),
    "checkin": TakesAnswer(checkin.confirmed, takes_yes=True),
    "unsure": TakesAnswer(unsure.confirmed, refreshes=True, takes_yes=True),
    "checkin_code": TakesAnswer(checkin.typed_code),
    "recheck": TakesAnswer(recheck.typed),
    "checkin_word": TakesAnswer(checkin.typed_word),
    "programme": TakesAnswer(programme_choice.picked),
    "open_checkin": TakesAnswer(opening.open_confirmed),
    "lab_rule": TakesAnswer(lab_rules.confirmed, refreshes=True),
    "answer_question": TakesAnswer(question.confirmed, refreshes=True),
    "broadcast": TakesAnswer(broadcast.confirmed),
    "rating": TakesAnswer(rating.confirmed),
    "explain": TakesAnswer(explanation.confirmed, takes_yes=True, words=explanation.OFFERED),
    "change": TakesAnswer(change.confirmed, refreshes=True),
    "plan_talks": TakesAnswer(talks.confirmed),
}
STRANGER_ANSWERS: Mapping[str, TakesAnswer[StrangerContext]] = {
    "bind": TakesAnswer(binding.confirmed, takes_yes=True),
    "rebind": TakesAnswer(binding.confirmed),
}

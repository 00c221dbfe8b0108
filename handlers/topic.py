"""选题: the list, one direction, a choice with its confirmation, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers import schedule
from handlers.asking import ask
from handlers.context import Context
from language.normalise import one_form
from language.numerals import whole_number
from language.titles import best_titles
from language.understood import Understood
from messages.envelope import Reply
from programme.policy import fact_of, topic_cap
from programme.programme import Topic
from programme.schedule import events_for, find_titles
from programme.sessions import Source
from programme.topics import also_meant, by_order, by_printed_no, find, like, nearest
from storage import audit, own_topics, pending, requests, topics
from storage.pending import Pending

LOOKS_ALIKE = 0.7  # from which likeness words are taken to mean a title


def query(understood: Understood, context: Context) -> Reply:
    """List, search or show; asks only."""
    all_topics = context.programme.topics
    if not all_topics:
        return Reply("topic/no_list")
    if "printed_no" in understood.slots:
        return printed(all_topics, int(understood.slots["printed_no"]), context)
    if "topic_no" in understood.slots:
        shown = detail(int(understood.slots["topic_no"]), context)
        asks_count = understood.slots.get("asks") == "count" and shown.template == "topic/detail"
        return replace(shown, template="topic/count") if asks_count else shown
    words = str(understood.slots.get("keyword") or understood.slots.get("topic") or "")
    if not words:
        return listed(all_topics, context)
    found = find(all_topics, words) or near(all_topics, words)
    if len(found) == 1:
        return detail(found[0].order, context)
    held = find_titles(events_for(context.programme, context.person), words)
    if held and not found:
        return schedule.by_title(held, words, understood, context)
    template = "topic/found" if found else "topic/not_found"
    return Reply(template, {"words": words, "topics": found, "count": len(all_topics)}, all_sources(found))


def listed(all_topics: Sequence[Topic], context: Context) -> Reply:
    """All directions, with how many chose each (B24)."""
    counts = topics.how_many_chose(context.tx, context.programme.programme_id)
    values = {
        "topics": all_topics,
        "mine": mine(context),
        "counts": counts,
        "cap": topic_cap(context.programme),
    }
    return Reply("topic/list", values, all_sources(all_topics))


def may_choose(understood: Understood, context: Context) -> Reply:
    """我选6可以吗: what direction 6 is, how many chose it, and how to choose; nothing is stored."""
    found = query(understood, context)
    return replace(found, values={**found.values, "is_asked": True})


def may_change(understood: Understood, context: Context) -> Reply:
    """可以换吗, 选错了: what is chosen now or being asked about, and how to take another."""
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    is_open = asked is not None and asked.kind == "topic"
    return Reply("topic/may_change", {"mine": mine(context), "is_open": is_open})


def by_print(understood: Understood, context: Context) -> Reply:
    """原编号 5 shows it, 选原编号5 chooses it."""
    return choose(understood, context) if understood.slots.get("choose") else query(understood, context)


def detail(order: int, context: Context) -> Reply:
    topic = by_order(context.programme.topics, order)
    if topic is None:
        return Reply("topic/no_such_number", {"order": order, "count": len(context.programme.topics)})
    values = {"topic": topic, "chosen_by": how_many(topic.order, context), "is_mine": topic == mine(context)}
    values |= {"is_asked": False, "cap": topic_cap(context.programme)}
    return Reply("topic/detail", values, all_sources((topic,)))


def printed(all_topics: Sequence[Topic], number: int, context: Context) -> Reply:
    found = by_printed_no(all_topics, number)
    if len(found) == 1:
        return detail(found[0].order, context)
    template = "topic/printed_twice" if found else "topic/no_such_printed_number"
    return Reply(template, {"number": number, "topics": found}, all_sources(found))


def choose(understood: Understood, context: Context) -> Reply:
    """A choice is stored only after a confirmation that shows the title (R24, notice L47–99)."""
    all_topics = context.programme.topics
    if not all_topics:
        return Reply("topic/no_list")
    if "student" not in context.person.roles:
        return Reply("topic/not_for_you")
    named = str(understood.slots.get("name") or context.person.name)
    if named != context.person.name:
        return Reply("topic/for_another", {"name": named})
    if "printed_no" in understood.slots:
        found = by_printed_no(all_topics, int(understood.slots["printed_no"]))
        if len(found) != 1:
            return printed(all_topics, int(understood.slots["printed_no"]), context)
        return propose(found[0], context)
    if "topic_no" in understood.slots:
        return choose_number(int(understood.slots["topic_no"]), context, is_plain=understood.is_sure)
    words = str(understood.slots.get("topic") or "")
    found = (find(all_topics, words) or near(all_topics, words)) if words else ()
    if len(found) == 1:
        return propose(found[0], context)
    if found:
        return Reply("topic/found", {"words": words, "topics": found, "count": len(all_topics)})
    if words:
        return Reply("topic/own_title", {"words": words, "near": nearest(all_topics, words, 2)})
    return listed(all_topics, context)


def choose_number(order: int, context: Context, *, is_plain: bool) -> Reply:
    topic = by_order(context.programme.topics, order)
    if topic is None:
        return Reply("topic/no_such_number", {"order": order, "count": len(context.programme.topics)})
    asked = pending.open_question(context.tx, context.inbound.channel, context.inbound.sender, context.moment)
    if is_plain and asked and asked.kind == "topic" and order in numbers(asked.data.get("offered")):
        return store(topic, context)  # an offered option is final (design D9)
    return propose(topic, context)


def numbers(offered: object) -> tuple[int, ...]:
    return tuple(int(n) for n in offered) if isinstance(offered, list) else ()


def propose(topic: Topic, context: Context) -> Reply:
    current = mine(context)
    if current == topic:
        return Reply("topic/already", {"topic": topic})
    cap, taken = topic_cap(context.programme), how_many(topic.order, context)
    if cap is not None and taken >= cap:
        return full(topic, cap, taken, context)
    others = also_meant(context.programme.topics, topic)
    ask(context, "topic", {"order": topic.order, "offered": [t.order for t in others]})
    values = {
        "topic": topic,
        "others": others,
        "chosen_by": taken,
        "cap": cap,
        "current": current,
        "own": own(context),
        "twins": by_printed_no(context.programme.topics, topic.order),
    }
    return Reply("topic/confirm", values, all_sources((topic, *others)))


def confirmed(understood: Understood, context: Context, asked: Pending) -> Reply | None:
    """The answer to "回复 确认，或 选 7": stores what was shown, or takes the number that is typed."""
    number = whole_number(one_form(understood.text))
    if number is not None and 0 < number < 100:
        return choose_number(number, context, is_plain=True)
    if understood.intent != "confirm":
        return None
    topic = by_order(context.programme.topics, int(str(asked.data["order"])))
    return store(topic, context) if topic else Reply("guide/question_gone")


def full(topic: Topic, cap: int, taken: int, context: Context) -> Reply:
    """No seat left: what is near and has one (B24)."""
    taken_by = topics.how_many_chose(context.tx, context.programme.programme_id)
    free = [t for t in context.programme.topics if taken_by.get(t.order, 0) < cap or t == topic]
    rule = fact_of(context.programme, "topic_cap")
    values = {"topic": topic, "cap": cap, "taken": taken, "near": like(free, topic, 2)}
    return Reply("topic/full", values, (rule,) if rule else ())


def store(topic: Topic, context: Context) -> Reply:
    before = mine(context)
    programme_id, person_id = context.programme.programme_id, context.person.person_id
    cap = topic_cap(context.programme)
    if not topics.choose(context.tx, programme_id, person_id, topic.order, context.at, cap):
        pending.close(context.tx, context.inbound.channel, context.inbound.sender)
        return full(topic, cap or 0, how_many(topic.order, context), context)
    drop_own(context)
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    note(context, "choose_topic", before, topic)
    return Reply("topic/chosen", {"topic": topic, "before": before}, all_sources((topic,)))


def give_up(context: Context) -> Reply:
    """我不选了: takes the current choice back, chosen or of one's own."""
    before = mine(context)
    held = drop_own(context)
    if before is None and held is not None:
        return Reply("topic/own_withdrawn", {"title": held.title})
    if before is None:
        return Reply("topic/nothing_chosen")
    topics.withdraw(context.tx, context.programme.programme_id, context.person.person_id, context.at)
    pending.close(context.tx, context.inbound.channel, context.inbound.sender)
    note(context, "withdraw_topic", before, None)
    return Reply("topic/withdrawn", {"topic": before})


def drop_own(context: Context) -> own_topics.OwnTopic | None:
    """An own topic ends when something else is chosen, or nothing; nobody need decide it any more."""
    programme_id, person_id = context.programme.programme_id, context.person.person_id
    held = own(context)
    if held is None:
        return None
    own_topics.withdraw(context.tx, programme_id, person_id)
    requests.withdraw(context.tx, held.request_id, context.at)
    return held


def note(context: Context, action: str, before: Topic | None, after: Topic | None) -> None:
    audit.write(
        context.tx,
        context.programme.programme_id,
        context.at,
        context.person.person_id,
        action,
        f"person:{context.person.person_id}",
        str(before.order) if before else None,
        str(after.order) if after else None,
        None,
    )


def mine(context: Context) -> Topic | None:
    choice = topics.current_choice(context.tx, context.programme.programme_id, context.person.person_id)
    return by_order(context.programme.topics, choice.order) if choice and choice.order else None


def own(context: Context) -> own_topics.OwnTopic | None:
    return own_topics.of_person(context.tx, context.programme.programme_id, context.person.person_id)


def how_many(order: int, context: Context) -> int:
    return topics.how_many_chose(context.tx, context.programme.programme_id).get(order, 0)


def near(all_topics: Sequence[Topic], words: str) -> tuple[Topic, ...]:
    best = best_titles(words, [f"{t.title} {t.note or ''}" for t in all_topics])
    return tuple(all_topics[index] for index, score in best if score >= LOOKS_ALIKE)


def all_sources(found: Sequence[Topic]) -> tuple[Source, ...]:
    return tuple(Source(topic.heading_line, topic.heading) for topic in found)

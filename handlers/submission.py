"""提交报告 · 交PPT · 补交: a personal link to hand files in; a web address instead of a file is a draft."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from handlers.contacts import whom
from handlers.context import Context
from handlers.links import file_link, upload_link
from language.understood import Understood
from language.web_address import web_address
from messages.envelope import Reply
from programme.evidence import quote
from programme.sessions import Source
from programme.submissions import (
    PARTS,
    Finding,
    PageRule,
    Verdict,
    kind_named,
    missing_parts,
    page_rule,
    report_kinds,
    told_of,
)
from storage import submissions, talks
from storage.submissions import Submission

LINK_LIFE = timedelta(hours=2)  # design D10
PART_OF = {"report": "report", "ppt": "slides", "paper": "paper", "patent": "patent"}
LONGEST_ADDRESS = 500
TEMPLATES = ("report_template", "slides_template")


def handle(understood: Understood, context: Context) -> Reply:
    """Hand something in now: by the page, or by the address that stands in the text."""
    if "student" not in context.person.roles:
        return Reply("submission/not_for_you", {"name": context.person.name})
    part = PART_OF.get(str(understood.slots.get("kind") or ""), "")
    kind = kind_named(report_kinds(context.programme), understood.text) if part in ("report", "") else None
    address = web_address(understood.text)
    if address is not None:
        return keep_address(address, part or "report", kind, context)
    rule = page_rule(context.programme, context.setup.lab_defaults)
    values = {
        "link": link_for(part or ("report" if kind else ""), kind or "", context),
        "part": PARTS.get(part),
        "kind": kind,
        "rule": spoken_rule(rule),
        "lines": lines_of(context),
        "missing": owed(context),
    }
    return Reply("submission/link", values, (rule.source,) if rule.source else ())


def link_for(part: str, kind: str, context: Context) -> str:
    setup = context.setup
    fields = (context.person.person_id, part, kind)
    return upload_link(setup.public_url, setup.signing_key, fields, context.moment + LINK_LIFE)


def spoken_rule(rule: PageRule) -> dict[str, object]:
    return {
        "pages": rule.pages,
        "line": rule.source.line if rule.source else None,
        "is_of_notice": bool(rule.source),
    }


def keep_address(address: str, part: str, kind: str | None, context: Context) -> Reply:
    """A link is taken as a draft: nobody can count the pages behind it (design D10)."""
    if len(address) > LONGEST_ADDRESS:
        return Reply("submission/address_too_long", {})
    told = told_of(PARTS[part], Finding(None), Verdict("draft", "link"), address)
    told |= {"at": context.at.isoformat(timespec="minutes")[:16]}
    one = Submission(
        submission_id=uuid4().hex,
        programme_id=context.programme.programme_id,
        person_id=context.person.person_id,
        part=part,
        kind=kind,
        state="draft",
        version=None,
        name=address,
        url=address,
        file=None,
        size_bytes=None,
        sha256=None,
        pages=None,
        told=told,
        task_id=None,
        received_at=context.at,
        judged_at=context.at,
    )
    submissions.receive(context.tx, one)
    values = {
        "part_name": PARTS[part].name,
        "link": link_for(part, kind or "", context),
        "missing": owed(context),
    }
    return Reply("submission/address_kept", values)


def sent(context: Context) -> tuple[Submission, ...]:
    """What the sender handed in that is there, in the order of its coming."""
    found = submissions.of_person(context.tx, context.programme.programme_id, context.person.person_id)
    return tuple(one for one in found if one.is_kept() and one.told is not None)


def lines_of(context: Context) -> list[dict[str, object]]:
    """The newest of each part, what counts before a draft, for templates."""
    newest: dict[str, Submission] = {}
    for one in sent(context):
        held = newest.get(one.part)
        if held is None or one.state == "submitted" or held.state != "submitted":
            newest[one.part] = one
    return [{**(one.told or {}), "submission_state": one.state} for one in newest.values()]


def owed(context: Context) -> tuple[str, ...]:
    done = {one.part for one in sent(context) if one.state == "submitted"}
    planned = talks.has_slot(context.tx, context.programme.programme_id, context.person.person_id)
    return missing_parts(done, has_talk=planned)


def status(understood: Understood, context: Context) -> Reply:
    """报告交了吗 · 提交记录: every version and draft of the sender, newest last, and what is missing."""
    lines = [{**(one.told or {}), "submission_state": one.state} for one in sent(context)]
    return Reply("submission/status", {"lines": lines[-12:], "missing": owed(context)})


def templates(context: Context) -> list[dict[str, object]]:
    """The lab's templates that an admin handed in, each with a link for the sender."""
    found: list[dict[str, object]] = []
    for part in TEMPLATES:
        one = submissions.newest_asset(context.tx, context.programme.programme_id, part)
        if one is not None:
            found.append({"name": PARTS[part].name, "file": one.name, "link": link_to(one, context)})
    return found


def link_to(one: Submission, context: Context) -> str:
    setup = context.setup
    fields = (context.person.person_id, one.submission_id)
    return file_link(setup.public_url, setup.signing_key, fields, context.moment + LINK_LIFE)


def template(understood: Understood, context: Context) -> Reply | None:
    """报告模板 · PPT 模板: the files with links; None while no admin has handed any in."""
    found = templates(context)
    if not found:
        return None
    missing = [
        PARTS[part].name for part in TEMPLATES if PARTS[part].name not in {one["name"] for one in found}
    ]
    sources = template_sources(context)
    quotes = [quote(context.programme, source) for source in sources]
    return Reply(
        "submission/templates",
        {"found": found, "missing": missing, "quotes": quotes} | whom(context),
        sources,
    )


def template_sources(context: Context) -> tuple[Source, ...]:
    wanted = ("report_format_required", "slides_template_required")
    rules = (rule for rule in context.programme.rules if rule.rule in wanted)
    return tuple(rule.source for rule in rules if rule.source)


def upload_template(understood: Understood, context: Context) -> Reply:
    """上传报告模板, by an admin: a link for a file that everybody gets."""
    if "admin" not in context.person.roles:
        return Reply("submission/template_by_admin", whom(context))
    part = "slides_template" if understood.slots.get("kind") == "ppt" else "report_template"
    return Reply("submission/template_link", {"part": PARTS[part], "link": link_for(part, "", context)})

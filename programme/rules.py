"""What the notice demands, found by subject; what it does not say is said to be unsaid."""

from __future__ import annotations

from programme.programme import Programme, Rule

# Subject of a question → the rules that answer it, by their names in the import.
RULES_OF: dict[str, tuple[str, ...]] = {
    "unsaid": (),
    "same_topic": (),
    "report_duty": ("both_abilities_required", "report_days"),
    "template": ("report_format_required", "slides_template_required"),
    "slide_pages": ("slides_required",),
    "pages": ("report_min_pages",),
    "talk_minutes": ("talk_minutes",),
    "deadline": ("report_deadline",),
    "late": (),
    "online": ("online_needs_guarantee", "mode_default", "mode_secondary"),
    "leave": (),
    "report_days": ("report_days",),
    "slides": ("slides_required", "slides_template_required"),
    "report_type": ("report_type", "report_min_pages", "slides_required", "talk_minutes"),
    "topics": ("topic_choice_free", "topic_choice_within_directions"),
    "engineering": (
        "engineering_contact",
        "engineering_goal",
        "engineering_assessment",
        "engineering_in_groups",
    ),
    "group_meeting": ("monday_group_meeting",),
    "rating": (),
    "tentative": ("plan_is_tentative",),
    "attendance": ("attendance_required", "attendance_optional"),
}


def rules_about(programme: Programme, subject: str) -> tuple[Rule, ...]:
    """The rules of *subject*, in the order of the table; unsaid ones (no source) included."""
    by_name = {rule.rule: rule for rule in programme.rules}
    return tuple(by_name[name] for name in RULES_OF[subject] if name in by_name)


def rule_named(programme: Programme, name: str) -> Rule | None:
    return next((rule for rule in programme.rules if rule.rule == name), None)

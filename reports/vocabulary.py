"""What the codes in a report's data are called by people."""

from __future__ import annotations

from collections.abc import Mapping

from reports.language import Language


def verdicts(words: Language) -> Mapping[str, str]:
    """The verdict of the horizon as a label of one or two words."""
    return {
        "on_plan": words.text("On plan"),
        "drifting": words.text("Drifting"),
        "off_plan": words.text("Off plan"),
        "no_signal": words.text("No signal"),
        "not_enough_data": words.text("Not enough data"),
    }


def severities(words: Language) -> Mapping[str, str]:
    """How serious a finding is."""
    return {"error": words.text("error"), "warning": words.text("warning"), "info": words.text("info")}


def statuses(words: Language, since: str) -> Mapping[str, str]:
    """Whether a finding is new; `since` is the week of its first appearance."""
    return {"new": words.text("new"), "known": words.text("known since {week}", week=since)}


def kinds(words: Language) -> Mapping[str, str]:
    """What a target is."""
    return {
        "objective": words.text("objective"),
        "budget": words.text("budget"),
        "unaligned": words.text("unaligned"),
    }


def reasons(words: Language) -> Mapping[str, str]:
    """Why a work item serves no target."""
    return {
        "conflicting_tags": words.text("its tags name several targets at once"),
        "unknown_target": words.text("it names a target that the strategy does not have"),
        "declared": words.text("the mapping says that it serves none"),
        "parent_unmapped": words.text("its parent is not mapped either"),
        "no_parent": words.text("it has no parent to inherit from"),
        "no_rule": words.text("no rule of the mapping speaks of it"),
    }


def cells(words: Language) -> Mapping[str, str]:
    """Where a key result stands between effort and outcome."""
    return {
        "effort_and_progress": words.text("effort and progress"),
        "effort_without_progress": words.text("effort without progress"),
        "progress_without_effort": words.text("progress without effort"),
        "neither": words.text("neither effort nor progress"),
        "no_recent_reading": words.text("no recent reading"),
    }


def work_classes(words: Language) -> Mapping[str, str]:
    """Kinds of work."""
    return {
        "feature": words.text("features"),
        "defect": words.text("defects"),
        "debt": words.text("debt"),
        "risk": words.text("risk"),
        "run": words.text("run"),
        "unclassed": words.text("of no stated kind"),
    }


def measures(words: Language) -> Mapping[str, str]:
    """What effort is counted in."""
    return {
        "items": words.text("delivered work items, one each"),
        "points": words.text("story points, scaled by team"),
        "days": words.text("days of work under way"),
    }


def revisions(words: Language) -> Mapping[str, str]:
    """The parts of the configuration that a report rests on."""
    return {
        "strategy": words.text("strategy"),
        "mapping": words.text("mapping"),
        "config": words.text("configuration"),
    }


def call(names: Mapping[str, str], code: str) -> str:
    """The name of a code; a code that a later version brought is shown as its own words."""
    return names.get(code, code.replace("_", " ").replace("-", " "))


def finding_name(words: Language, name: str) -> str:
    """What a finding is called: its name (`over-invested`) is the message id; one in no catalogue loses its hyphens."""
    return words.text(name).replace("-", " ")


def views(words: Language) -> Mapping[str, str]:
    """From where a past week is seen."""
    return {
        "as_reported": words.text("as reported"),
        "as_known_then": words.text("as known then"),
        "as_known_now": words.text("as known now"),
    }


def causes(words: Language) -> Mapping[str, str]:
    """Why an item counts otherwise in one report than in another."""
    return {
        "created": words.text("created since"),
        "edited": words.text("edited since"),
        "deleted": words.text("deleted"),
        "hierarchy": words.text("other items lie below it"),
        "mapping": words.text("the mapping changed"),
        "strategy": words.text("the strategy changed"),
        "command": words.text("a command in the ticket"),
        "settings": words.text("the settings changed"),
        "window": words.text("other weeks are looked at"),
        "team": words.text("its team’s effort is shared out anew"),
    }

"""Settings that are valid but that this version does not act on yet, so that nobody waits for their effect."""

from __future__ import annotations

from collections.abc import Collection

from config.settings import Settings


def ahead(settings: Settings, findings: Collection[str]) -> list[str]:
    """One sentence for each such setting; `findings` are the codes of the findings that this version has."""
    notes = [
        f"reports {report.id}: this version sends no e-mail; deliver to a folder to receive it."
        for report in settings.reports
        if any(delivery.email is not None for delivery in report.deliver)
    ]
    notes += [
        f"drift.rules.{code}: this version does not have that finding; its setting has no effect."
        for code in settings.drift.rules
        if code not in findings
    ]
    return notes

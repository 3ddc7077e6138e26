"""Settings that are valid but of no effect as things are, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Collection

from config.settings import Settings


def ahead(settings: Settings, findings: Collection[str]) -> list[str]:
    """One sentence for each such setting; `findings` are the codes of the findings that this version has."""
    notes = [
        f"reports {report.id}: no e-mail is sent, for there is no `mail` in filrouge.yaml; name the mail server there."
        for report in settings.reports
        if settings.mail is None and any(delivery.email is not None for delivery in report.deliver)
    ]
    notes += [
        f"drift.rules.{code}: this version does not have that finding; its setting has no effect."
        for code in settings.drift.rules
        if code not in findings
    ]
    return notes

"""The made-up company's workspace, written for the addresses of its two trackers."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from string import Template

from demo.company import Company
from demo.plot import DRIFT_BEGINS, ORGANISATION, WEEKS

JIRA_TOKEN = "demo-jira-token"  # noqa: S105 # the loopback tracker's, worth nothing anywhere else
AZURE_DEVOPS_TOKEN = "demo-azure-devops-token"  # noqa: S105 # the same


def write_workspace(folder: Path, company: Company, *, jira_url: str, azure_devops_url: str, language: str) -> None:
    """Write filrouge.yaml, strategy.yaml, mapping.yaml and the two token files; an older demo is overwritten."""
    start = company.start
    values = {
        "organisation": ORGANISATION,
        "language": language,
        "jira_url": jira_url,
        "azure_devops_url": azure_devops_url,
        "start": start,
        "year_end": start + timedelta(weeks=52, days=-1),
        "pilot_end": start + timedelta(weeks=DRIFT_BEGINS, days=-1),
        "month3": start + timedelta(weeks=13, days=1),
        "month6": start + timedelta(weeks=26, days=1),
        "last_week": start + timedelta(weeks=WEEKS - 1, days=1),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("filrouge.yaml", "strategy.yaml", "mapping.yaml"):
        template = Template(files("demo").joinpath("workspace_files", name).read_text("utf-8"))
        (folder / name).write_text(template.substitute(values), encoding="utf-8")
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    for name, token in (("jira-token", JIRA_TOKEN), ("azure-devops-token", AZURE_DEVOPS_TOKEN)):
        (secrets / name).write_text(token + "\n", encoding="utf-8")
        (secrets / name).chmod(0o600)
    (folder / ".gitignore").write_text("filrouge.db*\nreports/\nsecrets/\n", encoding="utf-8")

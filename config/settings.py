"""`filrouge.yaml` as typed settings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from domain.findings import Severity


class Model(BaseModel):
    """Strict settings: an unknown key is an error, and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Schedule(Model):
    """Either an interval (`15m`, `2h`, `1d`) or a cron expression of five fields in the organisation's time zone."""

    every: str | None = None
    cron: str | None = None


class JiraAuth(Model):
    method: Literal["basic", "bearer"]
    user: SecretStr | None = None
    token: SecretStr


class AzureDevOpsAuth(Model):
    method: Literal["pat", "bearer"]
    token: SecretStr


class JiraFields(Model):
    """Field ids (`customfield_…`) where discovery by schema would guess wrong; the first that is filled wins."""

    points: tuple[str, ...] = ()
    team: str | None = None


class SourceBase(Model):
    id: str
    schedule: Schedule | None = None
    levels: dict[str, int] = Field(
        default_factory=dict
    )  # work item type to level, where the tracker's own is not wanted


class JiraSource(SourceBase):
    kind: Literal["jira"]
    url: str
    deployment: Literal["auto", "cloud", "data_center"] = "auto"
    auth: JiraAuth
    projects: tuple[str, ...]
    since: date | None = None
    jql: str | None = None
    fields: JiraFields = Field(default_factory=JiraFields)


class AzureDevOpsSource(SourceBase):
    kind: Literal["azure_devops"]
    url: str
    auth: AzureDevOpsAuth
    projects: tuple[str, ...]
    area_paths: tuple[str, ...] = ()
    since: date | None = None


class FilesSource(SourceBase):
    """Another tool's export: JSON Lines in the form of `items --json --history`, or CSV with `columns`."""

    kind: Literal["files"]
    path: str
    columns: dict[str, str] = Field(default_factory=dict)  # work item field to the CSV's column


Source = Annotated[JiraSource | AzureDevOpsSource | FilesSource, Field(discriminator="kind")]


class Thresholds(Model):
    """Fractions."""

    drifting: float = 0.10
    off_plan: float = 0.25
    chance: float = 0.05
    unaligned: float = 0.10


class RuleOptions(Model):
    """How one finding is tuned; each finding says which of its own options it knows."""

    model_config = ConfigDict(extra="allow", frozen=True)
    severity: Severity | None = None
    off: bool = False


class Drift(Model):
    measure: Literal["items", "points", "days"] = "items"
    horizon: int = 4  # windows
    tolerance: float = 5  # percentage points
    cluster_level: int = 1
    visible: float = 0.25
    thresholds: Thresholds = Field(default_factory=Thresholds)
    dropped_resolutions: tuple[str, ...] = ("Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Declined")
    waiting: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    holidays: tuple[date, ...] = ()
    rules: dict[str, RuleOptions] = Field(default_factory=dict)


class EmailDelivery(Model):
    to: tuple[str, ...]


class Delivery(Model):
    folder: str | None = None
    email: EmailDelivery | None = None


class ReportJob(Model):
    id: str
    schedule: Schedule | None = None
    formats: tuple[Literal["html", "md", "json"], ...] = ("html", "md", "json")
    deliver: tuple[Delivery, ...] = ()


class CommentBudget(Model):
    per_run: int = 50
    per_item_per_week: int = 1


class Comments(Model):
    enabled: bool = False
    projects: tuple[str, ...] = ()
    budget: CommentBudget = Field(default_factory=CommentBudget)
    quiet_hours: str | None = None


class Settings(Model):
    version: Literal[1]
    organisation: str
    timezone: str
    language: Literal["fr", "en"] = "en"
    store: str = "sqlite:///filrouge.db"
    strategy: str = "strategy.yaml"
    mapping: str = "mapping.yaml"
    sources: tuple[Source, ...]
    drift: Drift = Field(default_factory=Drift)
    reports: tuple[ReportJob, ...] = ()
    comments: Comments = Field(default_factory=Comments)

"""`filrouge.yaml` as typed settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from config.codes import CODES
from config.delivery import Delivery, Mail
from config.model import ADDRESS, AtlassianAuth, Model
from config.references import Secret
from config.scalars import Day, Flag, Number, Text, Texts, Version, Whole, as_whole, wrong
from config.tree import describe, stands
from domain.findings import Severity
from domain.work import EPIC, INITIATIVE, LEVEL_WORDS


def _as_level(value: Any) -> int:
    if isinstance(value, str):
        if value.casefold() not in LEVEL_WORDS:
            raise wrong(f"{describe(value)} is no level; expected {', '.join(LEVEL_WORDS)} or a whole number from -1")
        return LEVEL_WORDS[value.casefold()]
    return as_whole(value)


Level = Annotated[
    int,
    BeforeValidator(_as_level),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": -1, "maximum": 20}, {"enum": list(LEVEL_WORDS)}]}),
]


class Schedule(Model):
    """Either an interval (`15m`, `2h`, `1d`) or a cron expression of five fields in the organisation's time zone."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["every"]}, {"required": ["cron"]}]})
    every: Text | None = Field(
        default=None, description="An interval: 15m, 2h or 1d.", json_schema_extra={"pattern": "^[1-9][0-9]*[mhd]$"}
    )
    cron: Text | None = Field(
        default=None,
        description="Minute, hour, day of the month, month, day of the week (mon to sun), in the organisation's zone.",
    )


def _or_off(expected: str) -> Callable[[Any], Any]:
    """A validator that takes the word `off` for none; `expected` is what else may stand there."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            if value != "off":
                raise wrong(f"{stands(value)}; expected `off` or {expected}")
            return None
        return value

    return read


class JiraAuth(AtlassianAuth):
    """As every site of Atlassian."""


class AzureDevOpsAuth(Model):
    method: Literal["pat", "bearer"] = Field(
        description="pat: a personal access token; bearer: a Microsoft Entra token."
    )
    token: Secret = Field(description="The token by reference: ${VARIABLE}, {file: …} or {keyring: …}.")


class JiraFields(Model):
    """Field ids (`customfield_…`) where discovery by schema would guess wrong; the first that is filled wins."""

    points: Texts = Field(
        default=(), description="Ids of the fields that hold story points, the first filled one wins."
    )
    team: Text | None = Field(default=None, description="Id of the field that holds the team.")


class SourceBase(Model):
    id: Text = Field(description="Your short name for this source, such as shop; rules and commands use it.")
    schedule: Schedule | None = Field(default=None, description="When `filrouge run` pulls this source.")
    census: Annotated[
        Schedule | None,
        BeforeValidator(_or_off("a schedule such as {every: 7d}"), json_schema_input_type=Literal["off"] | Schedule),
    ] = Field(
        default=Schedule(every="7d"),
        description="When `filrouge run` looks for what was deleted or hidden unannounced, in a source that has a "
        "schedule; off: never.",
    )
    levels: dict[str, Level] = Field(
        default_factory=dict,
        description="Work item type to level (initiative, epic, story, subtask or a number), not the tracker's own.",
    )


class Limits(Model):
    """How much of a tracker one source may ask for, over what the tracker itself allows."""

    per_second: float | None = Field(
        default=None, gt=0, description="Requests a second at most (default: 50 for Jira, 20 for Azure DevOps)."
    )
    per_run: int | None = Field(
        default=None,
        ge=20,
        description="Requests a run at most; a run that reaches it stops, and the next one goes on from there.",
    )


class JiraSource(SourceBase):
    kind: Literal["jira"] = Field(description="A Jira Cloud site or a Jira Data Center server.")
    url: Text = Field(description="The site's address, such as https://acme.atlassian.net.", json_schema_extra=ADDRESS)
    deployment: Literal["auto", "cloud", "data_center"] = Field(
        default="auto", description="Which Jira it is; auto asks the server."
    )
    auth: JiraAuth = Field(description="How to sign in.")
    projects: tuple[Text, ...] = Field(min_length=1, description="Keys of the projects to read.")
    since: Day | None = Field(
        default=None, description="How far back the first load goes, by the day of the last update."
    )
    jql: Text | None = Field(default=None, description="A further condition in JQL, added with AND.")
    fields: JiraFields = Field(
        default_factory=JiraFields, description="Ids of custom fields, where they are not found."
    )
    limits: Limits = Field(default_factory=Limits, description="How many requests this source may send.")


class AzureDevOpsSource(SourceBase):
    kind: Literal["azure_devops"] = Field(description="An Azure DevOps organisation or a server's collection.")
    url: Text = Field(
        description="https://dev.azure.com/ORGANISATION or https://SERVER/COLLECTION.", json_schema_extra=ADDRESS
    )
    auth: AzureDevOpsAuth = Field(description="How to sign in.")
    projects: tuple[Text, ...] = Field(min_length=1, description="Names of the projects to read.")
    area_paths: tuple[Text, ...] = Field(default=(), description="Only these area paths and what is below them.")
    limits: Limits = Field(default_factory=Limits, description="How many requests this source may send.")
    since: Day | None = Field(
        default=None, description="How far back the first load goes, by the day of the last update."
    )


class FilesSource(SourceBase):
    """Another tool's export: JSON Lines in the form of `items --json --history`, or CSV with `columns`."""

    kind: Literal["files"] = Field(description="An export or recorded data: JSON Lines or CSV, without a network.")
    path: Text = Field(description="Files, from the workspace's folder; * and ? are wildcards.")
    columns: dict[str, Text] = Field(
        default_factory=dict, description="For CSV: work item field (key, title, type …) to the name of its column."
    )


KINDS = ("jira", "azure_devops", "files")


def _kind(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"({kind})" if isinstance(kind, str) else None


# The tags are in brackets so that none of them can be taken for a key when a fault's place is looked for.
Source = Annotated[
    Annotated[JiraSource, Tag("(jira)")]
    | Annotated[AzureDevOpsSource, Tag("(azure_devops)")]
    | Annotated[FilesSource, Tag("(files)")],
    Discriminator(_kind),
]


class Thresholds(Model):
    """Fractions."""

    drifting: Number = Field(default=0.10, ge=0, le=1, description="Drift above this is called drifting.")
    off_plan: Number = Field(default=0.25, ge=0, le=1, description="Drift above this is called off plan.")
    chance: Number = Field(
        default=0.05, gt=0, lt=1, description="A figure is news when chance does it this often at most."
    )
    unaligned: Number = Field(default=0.10, ge=0, le=1, description="Unaligned work up to this share is no finding.")


class RuleOptions(Model):
    """How one finding is tuned; each finding says which of its own options it knows."""

    model_config = ConfigDict(extra="allow", frozen=True)
    severity: Severity | None = Field(default=None, description="info, warning or error, whatever the finding's own.")
    off: Flag = Field(default=False, description="true: this finding is not made.")


def _as_options(value: Any) -> Any:
    if value == "off":
        return {"off": True}
    if value == "on":
        return {}
    if not isinstance(value, dict | RuleOptions):
        raise wrong(f"{stands(value)}; expected `off` or options such as {{severity: error}}")
    if isinstance(value, dict):
        for name, option in value.items():
            if isinstance(option, dict) or option is None:
                raise wrong(f"the option `{name}` holds {describe(option)}; expected a number, a word or a list")
        return {name: _plain(option) for name, option in value.items()}
    return value


def _plain(option: Any) -> Any:
    """An option's value without the memory of how it was written."""
    if isinstance(option, list | tuple):
        return [_plain(each) for each in option]
    if isinstance(option, bool | str):
        return option
    return float(option) if isinstance(option, float) else int(option)


class Drift(Model):
    measure: Literal["items", "points", "days"] = Field(default="items", description="What effort is counted in.")
    horizon: Whole = Field(default=4, ge=1, le=52, description="Windows (weeks) on which verdicts are drawn.")
    tolerance: Number = Field(default=5, ge=0, le=100, description="Percentage points around a planned share.")
    cluster_level: Whole = Field(
        default=1,
        ge=0,
        le=20,
        description="Items below one ancestor of this level move together: 1 epics, 2 initiatives.",
    )
    visible: Number = Field(
        default=0.25, gt=0, le=1, description="Largest shift that may go unseen and still be called on plan."
    )
    thresholds: Thresholds = Field(default_factory=Thresholds, description="Where verdicts change, as fractions.")
    dropped_resolutions: tuple[Text, ...] = Field(
        default=("Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Declined"),
        description="Resolutions that end work without delivery, by untranslated name or id.",
    )
    waiting: dict[str, Texts] = Field(
        default_factory=dict, description="Source to the statuses in which work waits, for flow efficiency."
    )
    smallest_team: Whole = Field(
        default=5,
        ge=1,
        description="People (by its capacity, else who had its items) below whom a team or value stream is not shown.",
    )
    holidays: tuple[Day, ...] = Field(default=(), description="Days on which nobody works.")
    rules: dict[
        str,
        Annotated[
            RuleOptions,
            BeforeValidator(_as_options, json_schema_input_type=Literal["off", "on"] | RuleOptions),
        ],
    ] = Field(
        default_factory=dict,
        description="Code of a finding to `off` or its options, such as {severity: error}.",
        json_schema_extra={"propertyNames": {"enum": list(CODES)}},
    )


class ReportJob(Model):
    id: Text = Field(description="Your name for this report, such as weekly.")
    schedule: Schedule | None = Field(default=None, description="When `filrouge run` writes it.")
    formats: tuple[Literal["html", "md", "json", "email", "pdf", "csv", "xlsx"], ...] = Field(
        default=("html", "md", "json"), min_length=1, description="In which forms it is written."
    )
    deliver: tuple[Delivery, ...] = Field(
        default=(), description="Where it goes: {folder: …}, {email: …}, {chat: …} or {confluence: …}."
    )


class Tls(Model):
    """Whom we trust. That certificates are checked cannot be turned off."""

    ca: Text | None = Field(
        default=None,
        description="A file in PEM, from the workspace's folder: certificate authorities of your own, trusted besides "
        "the usual ones by everything that Filrouge asks.",
    )


class Readings(Model):
    """When addresses are asked, and which hosts may be."""

    schedule: Annotated[
        Schedule | None,
        BeforeValidator(_or_off("a schedule such as {every: 1d}"), json_schema_input_type=Literal["off"] | Schedule),
    ] = Field(
        default=Schedule(every="1d"),
        description="When `filrouge run` asks the addresses that key results name in `readings_from`; off: never.",
    )
    private_hosts: tuple[Text, ...] = Field(
        default=(), description="Hosts within your own network that may be asked; others have to be public."
    )


class CommentBudget(Model):
    per_run: Whole = Field(default=50, ge=0, description="Most comments that one run may write.")
    per_item_per_week: Whole = Field(default=1, ge=0, description="Most comments that one item may get in a week.")
    marks_per_run: Whole = Field(default=200, ge=0, description="Most tickets whose marks one run may change.")


class Marks(Model):
    """What shows a ticket's targets to boards and queries, without a word."""

    label: Text | None = Field(
        default=None,
        description="What stands before a target's id in our labels (in Azure DevOps tags), such as fil-.",
    )
    property: Flag = Field(default=False, description="true: Jira issues get the property `filrouge` with the shares.")


class TicketCommands(Model):
    """Who may tag work by an answer in its ticket: everybody who may comment there, unless somebody is named."""

    people: tuple[Text, ...] = Field(
        default=(), description="Accounts that may, by id, account name or e-mail address."
    )
    roles: tuple[Text, ...] = Field(
        default=(), description="Project roles (in Azure DevOps: teams of the project) whose members may."
    )


class Comments(Model):
    enabled: Flag = Field(default=False, description="Nothing is ever written to a tracker unless this is true.")
    projects: tuple[Text, ...] = Field(default=(), description="Projects in which comments may be written.")
    levels: tuple[Level, ...] = Field(
        default=(EPIC, INITIATIVE),
        description="Levels of the items that may get one; initiative, or 2, stands for all from there on.",
    )
    text: Flag = Field(default=True, description="false: marks alone, no comment.")
    marks: Marks = Field(
        default_factory=Marks, description="Labels, tags or properties by which boards can filter by target."
    )
    confidential: tuple[Text, ...] = Field(
        default=(), description="Projects of which nothing is said in tickets of other projects."
    )
    commands: Annotated[
        TicketCommands | None,
        BeforeValidator(
            _or_off("who may say them, such as {roles: [Developers]}"),
            json_schema_input_type=Literal["off"] | TicketCommands,
        ),
    ] = Field(
        default_factory=TicketCommands,
        description="Answers beginning with /filrouge in a ticket that has our comment; off: they are not read.",
    )
    schedule: Schedule | None = Field(default=None, description="When `filrouge run` writes comments.")
    budget: CommentBudget = Field(default_factory=CommentBudget, description="How much may be written.")
    quiet_hours: Text | None = Field(
        default=None,
        description="Local hours without comments, such as 19:00-08:00.",
        json_schema_extra={"pattern": "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"},
    )


class Service(Model):
    """Where the running service answers."""

    listen: Text = Field(
        default="127.0.0.1:9464",
        description="HOST:PORT on which it answers /healthz, /readyz and /metrics; off: it does not.",
        json_schema_extra={"pattern": r"^(off|.+:[0-9]{1,5})$"},
    )


class Settings(Model):
    version: Version = Field(description="The version of this file's form: 1.")
    organisation: Text = Field(description="Your organisation's name, as it stands on reports.")
    timezone: Text = Field(description="The organisation's time zone by its IANA name, such as Europe/Paris.")
    language: Literal["fr", "en"] = Field(default="en", description="Language of reports and comments.")
    store: Text = Field(
        default="sqlite:///filrouge.db",
        description="Where data are kept: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; "
        "a password only as ${VARIABLE}.",
    )
    strategy: Text = Field(default="strategy.yaml", description="The strategy's file, from the workspace's folder.")
    mapping: Text = Field(default="mapping.yaml", description="The mapping's file, from the workspace's folder.")
    sources: tuple[Source, ...] = Field(description="The trackers and files to read.")
    drift: Drift = Field(default_factory=Drift, description="How drift is measured.")
    reports: tuple[ReportJob, ...] = Field(default=(), description="Reports that `filrouge run` writes on a schedule.")
    tls: Tls = Field(default_factory=Tls, description="Certificate authorities of your own.")
    mail: Mail | None = Field(default=None, description="The server by which reports go out by e-mail.")
    readings: Readings = Field(default_factory=Readings, description="Readings of key results from https addresses.")
    comments: Comments = Field(default_factory=Comments, description="What may be written into tickets.")
    service: Service = Field(default_factory=Service, description="What `filrouge run` shows of itself.")

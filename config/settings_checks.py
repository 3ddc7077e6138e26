"""What must hold within `filrouge.yaml` beyond the kind of each value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from config.codes import CODES
from config.ids import duplicates
from config.listen import host_and_port
from config.locate import KeyName, Path
from config.model import AtlassianAuth
from config.problems import nearest, short, unknown
from config.settings import FilesSource, JiraSource, Schedule, Settings
from config.times import check_cron, interval_seconds, quiet_hours
from config.tree import Keys
from domain.exchange import ITEM_FIELDS

EXTRA = "fields."  # `fields.NAME` fills an extra field
_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Fault = tuple[Path, str]


def check_settings(settings: Settings, sources: Sequence[str], tree: Keys) -> list[Fault]:
    """Every fault, with the path of the value; `sources` are all ids, those of faulty sources too."""
    ids = [(("sources", index, "id"), source.id) for index, source in enumerate(settings.sources)]
    jobs = [(("reports", index, "id"), job.id) for index, job in enumerate(settings.reports)]
    return [
        *duplicates(ids, "source", tree),
        *duplicates(jobs, "report", tree),
        *_zone(settings),
        *_sources(settings),
        *_drift(settings, sources),
        *_reports(settings),
        *_schedule(settings.readings.schedule, ("readings", "schedule")),
        *_comments(settings),
        *attempt(("service", "listen"), host_and_port, settings.service.listen),
    ]


def attempt(path: Path, check: Callable[[str], object], text: str) -> Iterator[Fault]:
    """The fault of a text of which a check says, by ValueError, that it is wrong."""
    try:
        check(text)
    except ValueError as error:
        yield path, str(error)


def _zone(settings: Settings) -> Iterator[Fault]:
    try:
        ZoneInfo(settings.timezone)
    except (ValueError, OSError, KeyError):
        near = nearest(settings.timezone, available_timezones())
        yield (
            ("timezone",),
            f"unknown time zone `{short(settings.timezone)}`; expected an IANA name such as Europe/Paris{near}",
        )


def _sources(settings: Settings) -> Iterator[Fault]:
    for index, source in enumerate(settings.sources):
        here: Path = ("sources", index)
        if not _SOURCE_ID.fullmatch(source.id):
            yield (
                (*here, "id"),
                f"`{short(source.id)}` is no id of a source; expected letters, digits, `.`, `_` and `-`",
            )
        yield from _schedule(source.schedule, (*here, "schedule"))
        yield from _schedule(source.census, (*here, "census"))
        if isinstance(source, FilesSource):
            for field in source.columns:
                if field not in ITEM_FIELDS and not (field.startswith(EXTRA) and field != EXTRA):
                    yield (*here, "columns", KeyName(field)), unknown("work item field", field, ITEM_FIELDS)
            continue
        yield from attempt((*here, "url"), check_url, source.url)
        seen: set[str] = set()
        for number, project in enumerate(source.projects):
            if project.casefold() in seen:
                yield (*here, "projects", number), f"the project `{short(project)}` is named twice; expected each once"
            seen.add(project.casefold())
        if isinstance(source, JiraSource):
            yield from sign_in(source.auth, (*here, "auth"))


def sign_in(auth: AtlassianAuth, here: Path) -> Iterator[Fault]:
    """What is wrong with the way to sign in to a site of Atlassian."""
    if auth.method == "basic" and auth.user is None:
        yield (
            here,
            'the key `user` is missing; the method basic needs the account\'s name; expected such as "${JIRA_USER}"',
        )
    if auth.method == "bearer" and auth.user is not None:
        yield (*here, "user"), "the method bearer takes no `user`; leave it out, or choose the method basic"


def check_url(url: str) -> None:
    """Nothing for an https address, or an http address of this very machine; ValueError with one sentence otherwise."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("this is no address; expected something like https://acme.atlassian.net") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "this address holds a user or a password (not shown); expected them under `auth`, by reference"
        )
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(
            f"`{short(url)}` is no web address; expected it with its scheme, such as https://acme.atlassian.net"
        )
    if parts.query or parts.fragment:
        raise ValueError("this address has a `?` or a `#`; expected the plain address of the site")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError(f"`{short(url)}` would send tokens in clear; expected https://{host}")


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _schedule(schedule: Schedule | None, path: Path) -> Iterator[Fault]:
    if schedule is None:
        return
    if (schedule.every is None) == (schedule.cron is None):
        found = "neither is there" if schedule.every is None else "both are there"
        yield path, f"a schedule has either `every` or `cron`, and {found}; expected such as {{every: 15m}}"
    if schedule.every is not None:
        yield from attempt((*path, "every"), interval_seconds, schedule.every)
    if schedule.cron is not None:
        yield from attempt((*path, "cron"), check_cron, schedule.cron)


def _drift(settings: Settings, sources: Sequence[str]) -> Iterator[Fault]:
    limits = settings.drift.thresholds
    if limits.drifting > limits.off_plan:
        yield ("drift", "thresholds", "drifting"), "`drifting` lies above `off_plan`; expected it at or below"
    for code in settings.drift.rules:
        if code not in CODES:
            yield ("drift", "rules", KeyName(code)), unknown("finding", code, CODES)
    for source in settings.drift.waiting:
        if source not in sources:
            yield ("drift", "waiting", KeyName(source)), unknown("source", source, sources)


def _reports(settings: Settings) -> Iterator[Fault]:
    for index, job in enumerate(settings.reports):
        yield from _schedule(job.schedule, ("reports", index, "schedule"))


def _comments(settings: Settings) -> Iterator[Fault]:
    yield from _schedule(settings.comments.schedule, ("comments", "schedule"))
    if settings.comments.quiet_hours is not None:
        yield from attempt(("comments", "quiet_hours"), quiet_hours, settings.comments.quiet_hours)
    if any(isinstance(source, FilesSource) for source in settings.sources):
        return  # an export may hold items of any project
    known = [
        project for source in settings.sources if not isinstance(source, FilesSource) for project in source.projects
    ]
    folded = {project.casefold() for project in known}
    for key, projects in (("projects", settings.comments.projects), ("confidential", settings.comments.confidential)):
        for index, project in enumerate(projects):
            if project.casefold() not in folded:
                yield ("comments", key, index), unknown("project", project, known)

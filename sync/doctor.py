"""Whether everything that Filrouge needs is there: configuration, credentials, rights, store, clock, disk, schedule."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from config.load import load
from config.settings import Comments, FilesSource, Source
from config.workspace import Workspace
from connectors.port import Access, Entitled, Rights, Use
from connectors.watch import WATCH
from domain.clock import Clock
from domain.errors import ConfigurationError, CredentialsError, FilrougeError, StoreError
from reports.delivery.registry import Around, channels_of
from store.address import file_of, parse_address
from store.open import Store, open_store
from store.tables import SCHEMA
from sync.census import last_ended
from sync.schedule import TURNS, missed
from sync.status import age
from sync.trust import trusted, trusting
from sync.wiring import agent, connect

State = Literal["ok", "warn", "fail"]

MIB = 1024 * 1024
LITTLE, TOO_LITTLE = 1024 * MIB, 50 * MIB  # free on the store's disk
SKEWED, TOO_SKEWED = 30.0, 300.0  # seconds between our clock and another


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it is, and what to do about it (empty when it is well)."""

    subject: str
    state: State
    said: str
    remedy: str = ""


def examine(folder: Path, environ: Mapping[str, str], clock: Clock) -> Iterator[Check]:
    """Look at everything of a workspace, one thing after the other; what rests on something broken is left out."""
    yield _zones()
    try:
        workspace = load(folder, environ, secrets=False)
    except ConfigurationError as error:
        for problem in error.problems:
            yield Check("configuration", "fail", problem, "Correct it there; `filrouge check` looks again.")
        return
    yield Check("configuration", "ok", f"{len(workspace.settings.sources)} sources, no faults.")
    secret: Workspace | None = None
    try:
        secret = load(folder, environ, secrets=True)
        yield Check("credentials", "ok", "Every token that is named is there.")
    except ConfigurationError as error:
        for problem in error.problems:
            yield Check("credentials", "fail", problem, "Set the variable, or put the file in its place.")
    yield from _store(workspace, clock)
    if secret is None:
        return
    with trusting(secret):
        for source in secret.settings.sources:
            yield from _source(secret, source, clock)
        yield from _channels(secret)


def _channels(workspace: Workspace) -> Iterator[Check]:
    """Where reports go, each place once; nothing is sent."""
    settings = workspace.settings
    around = Around(workspace.folder, "", agent(), trusted())
    places = {channel.place: channel for job in settings.reports for channel in channels_of(job, settings, around)}
    for place, channel in places.items():
        try:
            channel.look()
        except FilrougeError as error:
            remedy = "Mend that under `reports` or `mail`, then `filrouge report send --test` sends a short test."
            yield Check(place, "fail", str(error), remedy)
        else:
            yield Check(place, "ok", "Reports can go there, as far as can be seen without sending one.")


def _zones() -> Check:
    try:
        ZoneInfo("Europe/Paris")
    except (OSError, KeyError):
        remedy = "Install the package tzdata, of Python or of the system."
        return Check("time zones", "fail", "There are no time zone data on this machine.", remedy)
    return Check("time zones", "ok", "Time zone data are there.")


def _store(workspace: Workspace, clock: Clock) -> Iterator[Check]:
    yield from _disk(workspace)
    try:
        store = open_store(workspace.store_url, create=False, migrate=False)
    except StoreError as error:
        absent = "There is no store" in str(error)
        remedy = "Run `filrouge sync` once." if absent else "Mend what the sentence names; docs/store.md helps."
        yield Check("store", "warn" if absent else "fail", str(error), remedy)
        return
    with closing(store):
        if store.found != SCHEMA:
            newer = str(store.found) > SCHEMA
            said = f"The store is at schema {store.found}, and this Filrouge knows {SCHEMA}."
            remedy = "Upgrade Filrouge." if newer else "Run `filrouge store upgrade`; every other command does so too."
            yield Check("store", "fail" if newer else "warn", said, remedy)
            return
        try:
            yield from _whole(store)
            if workspace.store_url.startswith("postgresql"):
                yield from _clock_of(store, clock)
            yield from _turns(workspace, store, clock.now())
        except StoreError as error:
            yield Check("store", "fail", str(error), "Mend what the sentence names; docs/store.md helps.")


def _disk(workspace: Workspace) -> Iterator[Check]:
    try:
        file = file_of(parse_address(workspace.store_url))
    except StoreError:  # told when it is opened
        return
    if file is None or not file.parent.is_dir():
        return
    free, size = shutil.disk_usage(file.parent).free, file.stat().st_size if file.is_file() else 0
    said = f"{_bytes(free)} free where the store is ({_bytes(size)})."
    remedy = "Make room on that disk, or move the store (docs/store.md)."
    if free < TOO_LITTLE:
        yield Check("disk", "fail", said, remedy)
    elif free < max(LITTLE, size):
        yield Check("disk", "warn", said, remedy)
    else:
        yield Check("disk", "ok", said)
    if not os.access(file.parent, os.W_OK) or (file.is_file() and not os.access(file, os.W_OK)):
        said = f"{file} and its folder may not be written by this user."
        yield Check("disk", "fail", said, "Give the user that runs Filrouge the right to write there.")


def _whole(store: Store) -> Iterator[Check]:
    with store.reading() as reader:
        faults = list(reader.damage())
        size = 0 if faults else reader.overview().size
    for fault in faults:
        yield Check("store", "fail", fault, "Put back a backup, or move the file away and sync again (docs/store.md).")
    if not faults:
        yield Check("store", "ok", f"{store.address}: {_bytes(size)}, schema {SCHEMA}, no damage.")


def _clock_of(store: Store, clock: Clock) -> Iterator[Check]:
    with store.writing() as unit:
        told = unit.server_time()
    if told is not None:
        yield _skew("clock of the store", (told - clock.now()).total_seconds())


def _skew(subject: str, seconds: float) -> Check:
    said = f"It is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine's."
    if abs(seconds) < SKEWED:
        return Check(subject, "ok", "It agrees with this machine's.")
    state: State = "fail" if abs(seconds) >= TOO_SKEWED else "warn"
    return Check(
        subject, state, said, "Set this machine's clock by a time server (NTP): schedules and reports go by it."
    )


def _turns(workspace: Workspace, store: Store, now: datetime) -> Iterator[Check]:
    """Whether each source is pulled as often as its schedule says."""
    for source in workspace.settings.sources:
        subject = f"schedule of {source.id}"
        with store.reading() as reader:
            good = last_ended(reader, "sync", source.id)
        if source.schedule is None:
            remedy = "Give it `schedule: {every: 15m}`, or pull it by hand or by cron."
            yield Check(subject, "warn", "It has no schedule: `filrouge run` does not pull it.", remedy)
            continue
        if good is None:
            yield Check(subject, "warn", "It was never pulled to the end.", f"Run `filrouge sync {source.id}`.")
            continue
        ago = now - good.started_at
        if missed(source.schedule, workspace.zone, good.started_at, now):
            said = f"Its last good pull was {age(ago)} ago, more than {TURNS} of its periods."
            yield Check(subject, "fail", said, "Look whether `filrouge run` is up, and at what `filrouge status` says.")
        else:
            yield Check(subject, "ok", f"Its last good pull was {age(ago)} ago.")


def _source(workspace: Workspace, source: Source, clock: Clock) -> Iterator[Check]:
    """Sign-in, projects and rights of one source, and its clock."""
    subject = f"source {source.id}"
    try:
        with closing(connect(workspace, source, clock)) as tracker:
            access = tracker.access()
            uses = {project: uses_of(project, workspace.settings.comments) for project in access.visible}
            rights = tracker.rights(uses) if isinstance(tracker, Entitled) and uses else None
    except CredentialsError as error:
        yield Check(subject, "fail", str(error), "Give the account a valid token (docs/observability.md: rights).")
        return
    except FilrougeError as error:
        yield Check(subject, "fail", str(error), f"Mend what the sentence names, then `filrouge sync {source.id}`.")
        return
    yield from _seen(subject, source, access)
    if rights is not None:
        yield from _rights(f"rights on {source.id}", rights)
    skew = WATCH.seen().skew.get(source.id)
    if skew is not None:
        yield _skew(f"clock of {source.id}", skew)


def _seen(subject: str, source: Source, access: Access) -> Iterator[Check]:
    if isinstance(source, FilesSource):
        yield Check(subject, "ok", " ".join(access.notes))
        return
    visible, wanted = len(access.visible), len(access.wanted)
    said = f"Signed in; {visible} of {wanted} projects can be seen."
    if visible < wanted:
        remedy = "Let the account browse those projects, or take them out of `projects`."
        yield Check(subject, "fail", " ".join([said, *access.notes]), remedy)
        return
    yield Check(subject, "ok", said)
    for note in access.notes:
        yield Check(subject, "warn", note, "Write it in filrouge.yaml as the tracker does.")


def _rights(subject: str, rights: Rights) -> Iterator[Check]:
    for one in rights.lacking:
        yield Check(subject, "fail", f"The account lacks: {one}.", "Grant it, or switch off what needs it.")
    for one in rights.spare:
        remedy = "Use an account with the least rights (docs/observability.md), whose token is worth less to a thief."
        yield Check(subject, "warn", f"The account may do more than anything needs: {one}.", remedy)
    if not rights.lacking and not rights.spare:
        yield Check(subject, "ok", "The account may do what is needed.")


def uses_of(project: str, comments: Comments) -> Collection[Use]:
    """What the tickets of a project are used for besides being read."""
    if not comments.enabled or project.casefold() not in {one.casefold() for one in comments.projects}:
        return ()
    marks = comments.marks.label is not None or comments.marks.property
    wanted = {
        Use.COMMENT: comments.text,
        Use.MARK: marks,
        Use.ROLES: comments.commands is not None and bool(comments.commands.roles),
    }
    return [use for use, is_wanted in wanted.items() if is_wanted]


def _bytes(count: int) -> str:
    for size, unit in ((1024 * MIB, "GiB"), (MIB, "MiB")):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1024:,.0f} KiB"

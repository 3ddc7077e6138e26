"""Reports on their way to people: each arrives once in each channel, whoever is killed meanwhile.

What a channel gets is written down before anything is sent, and so is that it is handed over, right before that. A
process that finds a parcel being handed over by one that is no more cannot know whether it arrived: where sending it
twice would show, it is called unclear and left to a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from config.settings import ReportJob
from domain.errors import FilrougeError, LeaseError, StoreError, UnavailableError, UnclearError
from reports.delivery.port import Channel, Edition, Notice, Parcel, unpacked
from reports.report import Report
from store.kept import DeliveryKey, DeliveryState, Fence, StoredDelivery
from store.queries import Reader
from sync.turn import Taken, turn
from sync.wiring import House

log = structlog.get_logger("delivery")

WAITING = ("deliver", "waiting")  # kind and subject of the job that tries again
LEASE = "delivery:"  # how the names of leases begin that whoever sends holds
TRIES = 3  # in one run, where another time it may go well
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between them
GIVE_UP = timedelta(days=4)  # what waited so long is not tried by itself any more (RFC 5321, 4.5.4.1: 4-5 days)
UNDERWAY: Collection[DeliveryState] = ("waiting", "sending")


@dataclass(frozen=True)
class Delivered:
    """How it stands with a report of a week in a channel; `now`: it was sent by this very run."""

    key: DeliveryKey
    state: DeliveryState
    problem: str | None = None
    now: bool = False

    def sentence(self) -> str:
        """For people: which report, where, and how it stands."""
        stands = {"sent": "sent" if self.now else "sent before", "unclear": "it may have arrived", "failed": "not sent"}
        why = f": {self.problem}" if self.problem else "."
        about = f"{self.key.report} of {self.key.label} to {self.key.channel}"
        return " ".join(filter(None, [f"{about}, {stands.get(self.state, 'waits')}{why}", self.remedy]))

    @property
    def remedy(self) -> str | None:
        """What a person has to do, if anything."""
        send = f"`filrouge report send --report {self.key.report} --week {self.key.label}"
        if self.state == "failed":
            return f"Mend that, then {send}` sends it."
        if self.state == "unclear":
            return f"Look whether it arrived; if it did not, {send} --again` sends it once more."
        return None


def deliver_all(house: House, job: ReportJob, report: Report, *, again: bool = False) -> list[Delivered]:
    """Deliver a report into every channel of its job, each in its turn; how it stands with each.

    What has arrived of the same job, week and channel is not sent once more, not even with other figures, unless the
    channel shows one state that is brought up to date (a folder, a page). `again`: a person has seen that what is
    unclear did not arrive. StoreError when the store cannot be written.
    """
    edition = Edition(job.id, report, house.clock.now())
    channels = {channel.name: channel for channel in house.channels(job)}
    for channel in channels.values():
        _record(house, channel, edition, again=again)
    return [_deliver(house, channel, DeliveryKey(job.id, edition.label, name)) for name, channel in channels.items()]


def prepared(house: House, job: ReportJob, report: Report) -> list[tuple[str, Parcel, DeliveryState | None]]:
    """What would be sent into each channel of a report's job; nothing is.

    With each the state that keeps it from being sent, None where it would be.
    """
    edition = Edition(job.id, report, house.clock.now())
    with house.store.reading() as reader:
        stand = {known.key: known.state for known in reader.deliveries()}
    found: list[tuple[str, Parcel, DeliveryState | None]] = []
    for channel in house.channels(job):
        state = stand.get(DeliveryKey(job.id, edition.label, channel.name))
        held = state if state is not None and state not in _gives_way(channel, again=False) else None
        found.append((channel.name, channel.prepare(edition), held))
    return found


def deliver_waiting(house: House) -> list[Delivered]:
    """Try again what waits, and clear up what a process that is no more was at."""
    with house.store.reading() as reader:
        keys = [one.key for one in reader.deliveries() if one.state in UNDERWAY]
    if not keys:
        return []
    channels = {
        (job.id, channel.name): channel for job in house.workspace.settings.reports for channel in house.channels(job)
    }
    return [_deliver(house, channels.get((key.report, key.channel)), key) for key in keys]


def newest(reader: Reader) -> list[StoredDelivery]:
    """What was last to be delivered of each report into each channel, the oldest first."""
    last = {(known.key.report, known.key.channel): known for known in reader.deliveries()}
    return sorted(last.values(), key=lambda known: (known.at, known.key))


def try_out(house: House, job: ReportJob) -> list[tuple[str, str | None]]:
    """Send a short notice into every channel of a report's job; each channel's name, and why it did not go."""
    organisation = house.workspace.settings.organisation
    notice = Notice(
        f"Filrouge: test, {organisation}",
        f"This is a test of Filrouge. Reports `{job.id}` of {organisation} arrive here.",
        house.clock.now(),
    )
    tried: list[tuple[str, str | None]] = []
    for channel in house.channels(job):
        try:
            channel.send(channel.prepare_notice(notice), lambda: None)
        except FilrougeError as error:
            tried.append((channel.name, str(error)))
        else:
            tried.append((channel.name, None))
    return tried


def standing(known: StoredDelivery) -> Delivered:
    """How it stands with a delivery as it is kept."""
    return Delivered(known.key, known.state, known.problem)


def _record(house: House, channel: Channel, edition: Edition, *, again: bool) -> None:
    """Write down what is to be sent into a channel, unless it has arrived, may have, or is under way."""
    key = DeliveryKey(edition.id, edition.label, channel.name)
    over = _gives_way(channel, again=again)
    with house.store.reading() as reader:
        if any(known.state not in over for known in reader.deliveries(key)):
            return
    packed = channel.prepare(edition).packed()
    with house.store.writing() as unit:
        # Others may have written it down meanwhile, so what it may take the place of is asked once more.
        unit.put_delivery(key, packed, hashlib.sha256(packed).hexdigest(), edition.at, over)


def _gives_way(channel: Channel, *, again: bool) -> list[DeliveryState]:
    """The states of a delivery in whose place a new parcel may be put."""
    if channel.repeatable:
        return ["waiting", "failed", "sending", "sent", "unclear"]
    return ["waiting", "failed", *(("unclear",) if again else ())]


def _deliver(house: House, channel: Channel | None, key: DeliveryKey) -> Delivered:
    """Send a parcel that waits, if nobody else is at its channel; None: there is no such channel any more."""
    with turn(f"{LEASE}{key.report}:{key.channel}", house.store, house.clock) as held:
        with house.store.reading() as reader:
            (known,) = reader.deliveries(key)
        if known.state not in UNDERWAY:
            return standing(known)
        if isinstance(held, Taken):
            return Delivered(key, known.state, f"{held.sentence()}.")
        try:
            return _Sending(house, known, held).settled(channel)
        except LeaseError as error:
            return Delivered(key, "waiting", str(error))


@dataclass(frozen=True)
class _Sending:
    """One delivery, in our turn."""

    house: House
    known: StoredDelivery
    held: Fence

    def settled(self, channel: Channel | None) -> Delivered:
        """Send it; how it stands afterwards."""
        if self.known.state == "sending":
            # Whoever was at it is no more, else it would not be our turn.
            if channel is None or not channel.repeatable:
                return self._ended("unclear", "it was being handed over when the process ended.")
            self._note("waiting", None)
        if channel is None:
            return self._ended("failed", "the channel is not in filrouge.yaml any more.")
        state: DeliveryState = "sent"
        problem: str | None = None
        try:
            self._send(channel)
        except (StoreError, LeaseError):
            raise
        except UnclearError as error:
            state, problem = "unclear", str(error)
        except UnavailableError as error:
            late = self.house.clock.now() - self.known.at >= GIVE_UP
            state, problem = "failed" if late else "waiting", str(error)
        except FilrougeError as error:
            state, problem = "failed", str(error)
        return self._ended(state, problem)

    def _send(self, channel: Channel) -> None:
        with self.house.store.reading() as reader:
            packed = reader.parcel(self.known)
        if packed is None:
            raise LeaseError("the report was made anew while it waited; the new one is sent next.")
        parcel = unpacked(packed)

        def once() -> None:
            self._begin("waiting")
            try:
                channel.send(parcel, lambda: self._begin("sending"))
            except UnavailableError as error:
                self._note("waiting", str(error))
                raise

        self._trying(UnavailableError)(once)

    def _begin(self, state: DeliveryState) -> None:
        with self.house.store.writing() as unit:
            unit.begin_delivery(self.known, state, self.held, self.house.clock.now())

    def _ended(self, state: DeliveryState, problem: str | None) -> Delivered:
        self._note(state, problem)
        key = self.known.key
        tell = log.info if state == "sent" else log.warning
        tell("delivery.ended", report=key.report, week=key.label, channel=key.channel, state=state, problem=problem)
        return Delivered(key, state, problem, now=state == "sent")

    def _note(self, state: DeliveryState, problem: str | None) -> None:
        def once() -> None:
            with self.house.store.writing() as unit:
                unit.end_delivery(self.known, state, self.held, self.house.clock.now(), problem)

        # What has arrived would be unclear, if a database that is away for a moment could not be told.
        self._trying(StoreError)(once)

    def _trying(self, passing: type[FilrougeError]) -> Retrying:
        """Whoever calls something so, calls it a few times, as long as it raises what may pass."""
        return Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
            retry=retry_if_exception_type(passing),
            sleep=self.house.clock.sleep,
            reraise=True,
        )

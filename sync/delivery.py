"""Reports on their way to people: each arrives once in each channel, whoever is killed meanwhile.

What a channel gets is written down before anything is sent, and so is that it is handed over, right before that. A
process that finds a parcel being handed over by one that is no more cannot know whether it arrived: where sending it
twice would show, it is called unclear and left to a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from config.settings import ReportJob
from domain.errors import FilrougeError, LeaseError, StoreError, UnavailableError, UnclearError
from reports.delivery.port import Channel, Edition, unpacked
from reports.report import Report
from store.kept import DeliveryKey, DeliveryState, Fence, StoredDelivery
from sync.turn import Taken, turn
from sync.wiring import House

log = structlog.get_logger("delivery")

TRIES = 3  # in one run, where another time it may go well
GIVE_UP = timedelta(days=4)  # what waited so long is not tried by itself any more (RFC 5321, 4.5.4.1: 4-5 days)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between them
UNDERWAY: Sequence[DeliveryState] = ("waiting", "sending")
LOOK = "look whether it arrived; if it did not, `filrouge report send --again` sends it once more"


@dataclass(frozen=True)
class Delivered:
    """How it stands with a report of a week in a channel; `now`: it was sent by this very run."""

    key: DeliveryKey
    state: DeliveryState
    problem: str | None = None
    now: bool = False

    def sentence(self) -> str:
        """For people: which report, where, and how it stands."""
        about = f"{self.key.report} {self.key.label} to {self.key.channel}"
        why = f": {self.problem}" if self.problem else "."
        match self.state:
            case "sent":
                return f"{about}: {'sent' if self.now else 'sent before'}."
            case "failed":
                return f"{about} was not sent{why} `filrouge report send` tries again."
            case "unclear":
                return f"{about} may have arrived{why} {LOOK[0].upper()}{LOOK[1:]}."
            case _:
                return f"{about} waits{why}"


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


def standing(known: StoredDelivery) -> Delivered:
    """How it stands with a delivery as it is kept."""
    return Delivered(known.key, known.state, known.problem)


def _record(house: House, channel: Channel, edition: Edition, *, again: bool) -> None:
    """Write down what is to be sent into a channel, unless it has arrived, may have, or is under way."""
    key = DeliveryKey(edition.id, edition.label, channel.name)
    over: list[DeliveryState] = ["waiting", "failed"]
    if channel.repeatable:
        over += ["sending", "sent", "unclear"]
    elif again:
        over += ["unclear"]
    with house.store.reading() as reader:
        if any(known.state not in over for known in reader.deliveries(key)):
            return
    packed = channel.prepare(edition).packed()
    with house.store.writing() as unit:
        # Others may have written it down meanwhile, so what it may take the place of is asked once more.
        unit.put_delivery(key, packed, hashlib.sha256(packed).hexdigest(), edition.at, over)


def _deliver(house: House, channel: Channel | None, key: DeliveryKey) -> Delivered:
    """Send a parcel that waits, if nobody else is at its channel; None: there is no such channel any more."""
    with turn(f"delivery:{key.channel}", house.store, house.clock) as held:
        known = _known(house, key)
        if isinstance(held, Taken):
            return Delivered(key, known.state, held.sentence()) if known.state in UNDERWAY else standing(known)
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
        """Send it if it waits; how it stands afterwards."""
        if self.known.state not in UNDERWAY:
            return standing(self.known)
        if self.known.state == "sending":
            # Whoever was at it is no more, else it would not be our turn.
            if channel is None or not channel.repeatable:
                return self._ended("unclear", "it was being handed over when the process ended.")
            self._ended("waiting", None)
        if channel is None:
            return self._ended("failed", "the channel is not in filrouge.yaml any more.")
        try:
            self._send(channel)
        except (StoreError, LeaseError):
            raise
        except UnclearError as error:
            return self._ended("unclear", str(error))
        except UnavailableError as error:
            late = self.house.clock.now() - self.known.at >= GIVE_UP
            return self._ended("failed" if late else "waiting", str(error))
        except FilrougeError as error:
            return self._ended("failed", str(error))
        return self._ended("sent", None)

    def _send(self, channel: Channel) -> None:
        assert self.known.parcel is not None, "what has not arrived is kept"
        parcel = unpacked(self.known.parcel)

        def once() -> None:
            self._begin("waiting")
            try:
                channel.send(parcel, lambda: self._begin("sending"))
            except UnavailableError as error:
                self._ended("waiting", str(error))
                raise

        Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
            retry=retry_if_exception_type(UnavailableError),
            sleep=self.house.clock.sleep,
            reraise=True,
        )(once)

    def _begin(self, state: DeliveryState) -> None:
        with self.house.store.writing() as unit:
            unit.begin_delivery(self.known, state, self.held, self.house.clock.now())

    def _ended(self, state: DeliveryState, problem: str | None) -> Delivered:
        with self.house.store.writing() as unit:
            unit.end_delivery(self.known, state, self.held, self.house.clock.now(), problem)
        key = self.known.key
        log.info("delivery.ended", report=key.report, week=key.label, channel=key.channel, state=state, problem=problem)
        return Delivered(key, state, problem, now=state == "sent")


def _known(house: House, key: DeliveryKey) -> StoredDelivery:
    with house.store.reading() as reader:
        (known,) = reader.deliveries(key)
    return known

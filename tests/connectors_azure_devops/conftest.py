"""A small Azure DevOps organisation, and a shelf for what is pulled from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from config.settings import AzureDevOpsAuth, AzureDevOpsSource
from connectors.azure_devops import options
from connectors.azure_devops.tracker import AzureDevOps
from connectors.azure_devops.wire import Wire
from tests.connectors_azure_devops.organisation import TOKEN, HandClock, Organisation, Shelf


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def organisation(clock: HandClock) -> Organisation:
    return Organisation(clock)


@pytest.fixture
def open_source(organisation: Organisation, clock: HandClock) -> Callable[..., AzureDevOps]:
    """Make the tracker of a source `platform` on the organisation."""

    def make(
        projects: Sequence[str] = ("Platform",),
        area_paths: Sequence[str] = (),
        since: date | None = None,
        levels: Mapping[str, int] | None = None,
        extra_fields: frozenset[str] = frozenset(),
    ) -> AzureDevOps:
        source = AzureDevOpsSource(
            id="platform",
            kind="azure_devops",
            url="https://dev.azure.com/acme",
            auth=AzureDevOpsAuth.model_construct(method="pat", token=SecretStr(TOKEN)),
            projects=tuple(projects),
            area_paths=tuple(area_paths),
            since=since,
            levels=dict(levels or {}),
        )
        settings = options.read(source, zone=ZoneInfo("UTC"), extra_fields=extra_fields, agent="filrouge/test")
        return AzureDevOps(settings, clock, wire=cast(Wire, organisation))

    return make


@pytest.fixture
def shelf() -> Shelf:
    return Shelf("platform")


@pytest.fixture(scope="session")
def new_world() -> Callable[[], tuple[Organisation, Shelf]]:
    """Make an organisation and a shelf, for tests that need many."""
    return lambda: (Organisation(HandClock()), Shelf("platform"))

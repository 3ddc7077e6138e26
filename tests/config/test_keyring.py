"""A secret in the system's keyring: found by its service and name, and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from config.load import load
from domain.errors import ConfigurationError

SECRET = "k3yr1ng-s3cr3t"


class Drawer(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # of the package
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked(SECRET)
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, made = keyring.get_keyring(), Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def workspace(folder: Path, token: str) -> Path:
    (folder / "filrouge.yaml").write_text(
        "version: 1\norganisation: Acme\ntimezone: Europe/Paris\nsources:\n"
        "  - id: shop\n    kind: jira\n    url: https://jira.acme.example\n    projects: [SHOP]\n"
        f"    auth: {{method: bearer, token: {token}}}\n"
    )
    (folder / "strategy.yaml").write_text(
        "version: 1\ncycles: [{id: c, from: 2026-01-01, to: 2026-12-31}]\nobjectives: []\n"
    )
    (folder / "mapping.yaml").write_text("version: 1\n")
    return folder


def test_an_entry_is_found_by_its_service_and_its_name(tmp_path: Path, drawer: Drawer) -> None:
    drawer.set_password("acme/filrouge", "jira", SECRET)
    found = load(workspace(tmp_path, "{keyring: acme/filrouge/jira}"), {})
    (source,) = found.settings.sources
    assert source.kind == "jira"
    assert source.auth.token.get_secret_value() == SECRET
    assert SECRET not in repr(found) + found.config_revision.text
    assert "{keyring: acme/filrouge/jira}" in found.config_revision.text
    # What signs in nowhere opens no keyring.
    drawer.locked = True
    load(tmp_path, {}, secrets=False)


@pytest.mark.parametrize(
    ("token", "locked", "says"),
    [
        ("{keyring: filrouge/jiro}", False, "no entry `jiro` of `filrouge`; `keyring set filrouge jiro` makes it"),
        ("{keyring: filrouge/jira}", True, "cannot be read (KeyringLocked)"),
        ("{keyring: filrouge}", False, "expected such as filrouge/jira"),
        ("{keyring: filrouge/jira, file: x}", False, "no reference to a secret"),
        ("filrouge/jira", False, "a secret stands here in clear"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, drawer: Drawer, token: str, locked: bool, says: str
) -> None:
    drawer.set_password("filrouge", "jira", SECRET)
    drawer.locked = locked
    with pytest.raises(ConfigurationError) as caught:
        load(workspace(tmp_path, token), {})
    (problem,) = caught.value.problems
    assert problem.startswith("filrouge.yaml:9:35: ")
    assert says in problem
    assert SECRET not in problem

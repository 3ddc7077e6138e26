"""A SQLite file that other machines may write to is refused; what is of this machine is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import StoreError
from store.address import reach
from store.machine import network_of
from store.open import open_store

MOUNTS = """\
server:/root / nfs4 rw 0 0
/dev/sda1 /home ext4 rw 0 0
server:/teams /home/teams nfs4 rw,relatime 0 0
//server/share /mnt/with\\040space cifs rw 0 0
tmpfs /home/teams/local tmpfs rw 0 0
first:/a /twice nfs rw 0 0
/dev/sdb1 /twice xfs rw 0 0
broken
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mounts"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("file", "network"),
    [
        ("/home/teams/a/filrouge.db", ("nfs4", "/home/teams")),
        ("/mnt/with space/filrouge.db", ("cifs", "/mnt/with space")),
        ("/home/me/filrouge.db", None),
        ("/home/teamsters/filrouge.db", None),
        ("/home/teams/local/filrouge.db", None),
        ("/twice/filrouge.db", None),
        ("/srv/filrouge.db", None),
    ],
)
def test_what_the_longest_mount_says(mounts: Path, file: str, network: tuple[str, str] | None) -> None:
    assert network_of(Path(file), mounts) == network


def test_without_a_list_of_mounts_nothing_is_known(tmp_path: Path) -> None:
    assert network_of(tmp_path / "filrouge.db", tmp_path / "none") is None


def test_a_store_on_a_network_is_refused_in_one_sentence(tmp_path: Path) -> None:
    mounted = f"server:/x {tmp_path.resolve()} nfs4 rw 0 0\n"
    listed = tmp_path / "mounts"
    listed.write_text(mounted)
    with pytest.raises(StoreError, match=r"lies on a network file system \(nfs4 at .*PostgreSQL\.$"):
        open_store(f"sqlite:///{tmp_path / 'filrouge.db'}", mounts=listed)
    assert not (tmp_path / "filrouge.db").exists()


def test_who_may_use_it_is_said_without_the_password() -> None:
    assert reach("sqlite:////srv/filrouge.db") == (
        "The store sqlite:////srv/filrouge.db is for one machine; several share one on PostgreSQL."
    )
    shared = reach("postgresql+psycopg://filrouge:secret@db/filrouge")
    assert "several machines" in shared
    assert "secret" not in shared

"""SQLite is for one machine: said to people, and refused where a file is another machine's."""

from __future__ import annotations

from pathlib import Path

# File systems that other machines may write to at the same time, as Linux calls them. SQLite's locks and the shared
# memory of its write-ahead log do not reach across them (https://www.sqlite.org/wal.html, "Overview").
# fmt: off
NETWORKS = frozenset((
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "fuse.ceph", "fuse.davfs", "fuse.glusterfs",
    "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
    "nfs4", "smb2", "smb3", "smbfs",
))
# fmt: on
MOUNTS = Path("/proc/self/mounts")


def network_of(file: Path, mounts: Path) -> tuple[str, str] | None:
    """The kind of the network file system that a file lies on and where it is mounted; None when it is local.

    None too where there is no such list of mounts (only Linux has one). What is mounted at the root belongs to this
    machine, or container, alone.
    """
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = file.resolve()
    found: tuple[Path, str] | None = None
    for line in lines:
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = Path(_unescaped(words[1]))
        # Of two at one place the later hides the earlier.
        if place.is_relative_to(point) and (found is None or len(point.parts) >= len(found[0].parts)):
            found = (point, words[2])
    if found is None or found[1] not in NETWORKS or found[0] == Path("/"):
        return None
    return found[1], str(found[0])


def _unescaped(text: str) -> str:
    """A path of the list, in which white space and backslashes are octal (man 5 fstab)."""
    for character in " \t\n#\\":
        text = text.replace(f"\\{ord(character):03o}", character)
    return text

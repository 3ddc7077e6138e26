"""Audit what Filrouge depends on: only locked versions are installed, and no vulnerability is known of any of them.

    python scripts/audit.py requirements/base.txt requirements/dev.txt

Known vulnerabilities are asked of a database by pip-audit. Where none answers, that is said, and all that was seen is
that this environment holds the locked versions and nothing else. Exit code 1 when something is wrong.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
OURS = "filrouge"


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).casefold()


def locked(files: Sequence[Path]) -> tuple[dict[str, set[str]], list[str]]:
    """The versions of each name in lock files, and a sentence for each line that is no pin with a digest."""
    versions: dict[str, set[str]] = {}
    faults: list[str] = []
    for file in files:
        entries = re.split(r"\n(?=[^\s#])", "\n" + file.read_text("utf-8"))
        for entry in filter(None, (text.strip() for text in entries)):
            if entry.startswith("#"):
                continue
            pin = PINNED.match(entry)
            if pin is None or "--hash=sha256:" not in entry:
                faults.append(f"{file}: `{entry.splitlines()[0]}` is not pinned with a digest; run `make lock`.")
                continue
            versions.setdefault(canonical(pin[1]), set()).add(pin[2])
    return versions, faults


def installed_otherwise(versions: dict[str, set[str]]) -> Iterator[str]:
    """A sentence for each distribution of this environment that the lock files do not have so."""
    for one in distributions():
        name = canonical(one.metadata["Name"])
        if name not in (OURS, "pip", "setuptools") and one.version not in versions.get(name, ()):
            expected = " or ".join(sorted(versions.get(name, ()))) or "nothing of that name"
            yield f"{name} {one.version} is installed, and the lock has {expected}; remove .venv and run make again."


def asked_of_a_database(file: Path) -> tuple[list[str], int, int]:
    """What is known against the versions of a lock file; how many of them were looked up, and how many were not."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--require-hashes", "--disable-pip"]
    told = subprocess.run(  # noqa: S603 - no text of others is in it
        [*command, "--progress-spinner=off", "--format=json"], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], 0, len(locked([file])[0])
    known = [
        f"{one['name']} {one['version']}: {flaw['id']}; "
        + (f"mended in {', '.join(flaw['fix_versions'])}." if flaw["fix_versions"] else "not mended yet.")
        for one in found
        for flaw in one.get("vulns", ())
    ]
    missed = sum(1 for one in found if "skip_reason" in one)
    return known, len(found) - missed, missed


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")


def main(files: Sequence[Path]) -> int:
    versions, faults = locked(files)
    faults += installed_otherwise(versions)
    known: list[str] = []
    seen = missed = 0
    for file in files:
        against, looked_up, not_looked_up = asked_of_a_database(file)
        known += against
        seen, missed = seen + looked_up, missed + not_looked_up
    for sentence in dict.fromkeys([*faults, *known]):
        say(sentence)
    if not faults:
        say(f"{len(versions)} locked packages, each with its digest; nothing else is installed.")
    if not seen:
        say("No vulnerability database answered, so nothing is said of known vulnerabilities.")
    else:
        say(f"{len(set(known)) or 'No'} known vulnerabilities; {missed} entries could not be looked up.")
    return 1 if faults or known else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))

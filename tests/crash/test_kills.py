"""`kill -9` anywhere, restart, same result."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.conftest import Scene
from tests.crash.contents import assert_same

KILLED = -9
# Of each tracker: items, page size, the highest request of a child at which it is killed (in the first load, later),
# and how many kills.
SCENES = {
    "jira_cloud": (2400, 50, 36, 11, 24),
    "jira_data_center": (800, 12, 11, 9, 43),
    "azure_devops": (800, 25, 21, 7, 33),
}
MOST_CHILDREN = 400


@pytest.mark.parametrize("kind", list(SCENES))
def test_a_hundred_kills_leave_the_store_of_an_undisturbed_run(scene: Callable[..., Scene], kind: str) -> None:
    """A hundred over the three trackers: in the first load, and then in runs that bring what changed.

    A child is killed when the server has handled its k-th request and has not answered yet, or up to 40 ms later,
    in the midst of converting and writing. After each load both stores are the same to the byte.
    """
    count, pages, highest, later, kills = SCENES[kind]
    chance = random.Random(f"kills of {kind}")
    here = scene(kind, count, pages)
    disturbed, calm = here.workplace("disturbed"), here.workplace("calm")
    store, reference = disturbed.store, calm.store
    killed = children = 0
    while killed < kills:
        while True:
            children += 1
            assert children < MOST_CHILDREN, f"{killed} kills, and no child comes to its end"
            after = chance.choice([0.0, chance.uniform(0.0, 0.04)])
            code = disturbed.sync(kill_at=chance.randint(1, highest) if killed < kills else None, after=after)
            assert code in (0, KILLED), disturbed.output()
            killed += code == KILLED
            if code == 0:
                break
        assert calm.sync() == 0, calm.output()
        assert_same(store, reference)
        here.edit_some(chance, count // 20)
        highest = later


def test_the_installed_command_is_killed_and_goes_on(
    scene: Callable[..., Scene], command: Callable[[Path], subprocess.Popen[bytes]]
) -> None:
    here = scene("jira_data_center", 300, 20)
    folder, calm = here.workspace("disturbed"), here.workplace("calm")
    assert calm.sync() == 0
    codes = []
    for request in (9, 12, 15, None):
        here.executioner.expect(request)
        child = command(folder)
        here.executioner.know(child.pid)
        codes.append(child.wait(60))
        here.executioner.over()
    assert codes == [KILLED, KILLED, KILLED, 0]
    assert_same(folder / "filrouge.db", calm.store)


def test_the_comparison_sees_a_difference(scene: Callable[..., Scene]) -> None:
    here = scene("jira_data_center", 30, 20)
    calm = here.workplace("calm")
    assert calm.sync() == 0
    other = calm.folder / "other.db"
    shutil.copy(calm.store, other)
    here.harness.edit(here.items[3], here.clock.tick(), points=8.0)
    assert calm.sync() == 0
    with pytest.raises(AssertionError, match=r"transition|work_item|cursor|raw_payload"):
        assert_same(other, calm.store)

"""The wheel holds everything that runs, and runs from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]

# Which distributions own each top-level name, among ours and all dependencies, and where it is imported from.
OWNERS = """
import importlib, json, sys
from importlib.metadata import packages_distributions
owners = packages_distributions()
print(json.dumps({name: [sorted(set(owners[name])), importlib.import_module(name).__file__] for name in sys.argv[1:]}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_packages_and_their_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/", 1)[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\n")
    assert {name for name in tracked if name} <= set(names)


def test_the_installed_wheel_runs_the_demo_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "fresh"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    subprocess.run(
        [
            Path(sys.executable).with_name("uv"),
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--offline",
            "--python",
            python,
            wheel,
        ],
        check=True,
        capture_output=True,
    )
    # The dependencies are those of this environment; a path in a .pth file brings no editable install with it.
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.py").write_text("raise SystemExit('a user's own module must not be imported')\n")
    # Nor does the caller's own path to the sources.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run(
        [environment / "bin" / "filrouge", "demo", "--keep", "kept", "--json"],
        cwd=elsewhere,
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    story = json.loads(told.stdout)
    assert {Path(file).suffix for file in story["files"]} == {".html", ".md", ".json"}
    assert all((elsewhere / file).exists() for file in story["files"])
    found = subprocess.run(
        [python, "-c", OWNERS, *PACKAGES], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    ).stdout
    assert json.loads(found) == {name: [["filrouge"], str(site / name / "__init__.py")] for name in PACKAGES}

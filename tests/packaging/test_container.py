"""The steps of the Containerfile, in a clean root, and what they make: an unprivileged user on a read-only system."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from config.init import write_workspace
from config.load import load
from tests.delivery.loopback import answering
from tests.packaging.conftest import package_index

__all__ = ["package_index"]

ROOT = Path(__file__).parents[2]
STEPS = ROOT / "scripts" / "container-steps.sh"
USER = 10001
NO_NAMESPACES = 77
SCRATCH = str(Path("/", "tmp"))  # in the container

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the container; what it is built from is built by the first run."""
    folder = tmp_path_factory.mktemp("container")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([STEPS, folder, *arguments], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode == NO_NAMESPACES:
            pytest.skip(done.stderr.strip())
        done.args = folder
        return done

    return run


@pytest.mark.usefixtures("package_index")
def test_the_demo_passes_as_nobody_on_a_read_only_system(run: Run) -> None:
    told = run("demo", "--keep", "kept")
    assert told.returncode == 0, told.stderr
    kept = told.args / "workspace" / "kept"
    assert {path.suffix for path in (kept / "reports").iterdir()} == {".html", ".md", ".json"}
    owners = {path.stat().st_uid for path in kept.rglob("*")}
    assert owners == {USER} or kept.stat().st_uid != 0, "made by the image's user, or by a user without privileges"

    # The image is as it was built: nothing of it can be written to, and a home is not needed.
    for folder in ("/elsewhere", "/opt/filrouge/here", "/root/here", "/etc/here"):
        refused = run("init", folder)
        assert refused.returncode == 2, folder
        assert "cannot be written" in refused.stderr
    assert "usage: " in run("--help").stdout.casefold()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_says_what_the_service_says(status: int, code: int) -> None:
    (line,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", (ROOT / "Containerfile").read_text("utf-8"), re.MULTILINE)
    with answering(lambda asked: (status if asked.path == "/healthz" else 404, {})) as (address, _):
        port = address.rpartition(":")[2]
        python, *arguments = json.loads(line.replace("9464", port))
        assert python == "python3"
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_the_variables_around_the_container_are_settings(tmp_path: Path) -> None:
    files = [ROOT / "Containerfile", *sorted((ROOT / "ops").glob("*.yaml"))]
    named = {name for file in files for name in re.findall(r"\bFILROUGE_[A-Z_]+", file.read_text("utf-8"))}
    values = {"FILROUGE_STORE": "sqlite:///other.db", "FILROUGE_SERVICE__LISTEN": "0.0.0.0:9464"}
    assert named == set(values)
    write_workspace(tmp_path)
    settings = load(tmp_path, values, secrets=False).settings
    assert (settings.store, settings.service.listen) == tuple(values.values())


def test_what_stands_around_the_container_agrees_with_it() -> None:
    """Compose and Kubernetes: user, port and folders are those of the Containerfile, and no more is writable."""
    steps = dict(line.split(" ", 1) for line in (ROOT / "Containerfile").read_text("utf-8").splitlines() if " " in line)
    assert (steps["USER"], steps["WORKDIR"], steps["EXPOSE"]) == (f"{USER}:{USER}", "/workspace", "9464")
    assert f"FILROUGE_SERVICE__LISTEN=0.0.0.0:{steps['EXPOSE']}" in steps["ENV"]

    compose = yaml.safe_load((ROOT / "ops" / "compose.yaml").read_text("utf-8"))["services"]["filrouge"]
    assert compose["read_only"] is True
    assert compose["tmpfs"] == [SCRATCH]
    assert (compose["cap_drop"], compose["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert compose["volumes"][0].endswith(f":{steps['WORKDIR']}")
    assert compose["ports"] == [f"127.0.0.1:{steps['EXPOSE']}:{steps['EXPOSE']}"]
    assert (ROOT / "ops" / compose["build"]["context"] / compose["build"]["dockerfile"]).is_file()

    deployment, *_ = yaml.safe_load_all((ROOT / "ops" / "kubernetes.yaml").read_text("utf-8"))
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]) == (USER, True)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["ports"] == [{"name": "metrics", "containerPort": int(steps["EXPOSE"])}]
    probes = {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")}
    assert probes == {"/healthz", "/readyz"}
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted == {"workspace": steps["WORKDIR"], "reports": "/reports", "tmp": SCRATCH}
    assert {volume["name"] for volume in pod["volumes"]} == set(mounted)

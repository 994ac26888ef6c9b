"""The lock files: whole, hashed, up to date, and installable from wheels wherever the project runs."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.lockfiles import LOCKS, Pin, read_lock
from tests.paths import ROOT

PLATFORMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# What uv says when the index is the reason, not the lock.
UNREACHABLE = re.compile(r"(Failed to fetch|Request failed|error sending request|dns error).*", re.IGNORECASE)


def uv(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run uv; a test that gets no answer from the package index is skipped."""
    command = [sys.executable, "-m", "uv", *arguments]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    skip_without_index(result)
    return result


def skip_without_index(result: subprocess.CompletedProcess[str]) -> None:
    if result.returncode and (reason := UNREACHABLE.search(result.stderr)):
        pytest.skip(f"the package index cannot be reached: {reason[0]}")


def by_requirement(name: str) -> dict[str, Pin]:
    return {pin.requirement: pin for pin in read_lock(LOCKS[name])}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_and_hashed_and_no_index_is_named(name: str) -> None:
    for pin in read_lock(LOCKS[name]):
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^ ]+( ; .+)?$", pin.requirement), pin.requirement
        assert pin.hashes, pin.requirement
    assert "://" not in LOCKS[name].read_text(encoding="utf-8")


def test_the_test_lock_holds_the_runtime_lock_pin_for_pin() -> None:
    test = by_requirement("test")
    for requirement, pin in by_requirement("runtime").items():
        assert test[requirement].hashes == pin.hashes


def test_each_direct_dependency_is_locked_and_nothing_else_is_direct() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {"runtime": [*project["project"]["dependencies"], *groups["build"]]}
    wanted["test"] = [*wanted["runtime"], *groups["test"]]
    for name, requirements in wanted.items():
        names = {Requirement(requirement).name for requirement in requirements}
        locked = {
            pin.package.split("[")[0]
            for pin in read_lock(LOCKS[name])
            if any("pyproject.toml" in source for source in pin.wanted_by)
        }
        assert locked == names, f"{name}.lock is out of date: run `python scripts/lock.py`"


def test_making_the_locks_again_changes_nothing(tmp_path: Path) -> None:
    for part in ("scripts/lock.py", "pyproject.toml", *(f"requirements/{name}.lock" for name in LOCKS)):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    command = [sys.executable, "scripts/lock.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    skip_without_index(result)
    assert result.returncode == 0, result.stderr
    for name, path in LOCKS.items():
        again = (tmp_path / "requirements" / path.name).read_text(encoding="utf-8")
        assert again == path.read_text(encoding="utf-8"), f"{name}.lock: run `python scripts/lock.py`"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_wheels_of_all_packages_exist_for(platform: str, python: str, tmp_path: Path) -> None:
    # The test lock holds the runtime lock (tested above), so its wheels are those of both.
    target = ("--target", str(tmp_path), "--python-platform", platform, "--python-version", python)
    strict = ("--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS["test"]))
    result = uv("pip", "install", "--dry-run", *target, *strict)
    assert result.returncode == 0, result.stderr
    assert "Would install" in result.stderr

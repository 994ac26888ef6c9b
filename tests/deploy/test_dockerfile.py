"""The Dockerfile's steps, done in a fresh folder with a small lock; what is installed is all of ours."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.lockfiles import lock_of
from tests.house.sources import tracked
from tests.paths import ROOT

TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
BUILD_TOOLS = {"editables", "hatchling", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
PACKAGES = ("core", "simulator", "collector", "processor", "notifier", "dashboard", "console")


def stages() -> list[list[tuple[str, str]]]:
    """Instructions and their words, by stage."""
    found: list[list[tuple[str, str]]] = []
    for line in TEXT.splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word == "FROM":
                found.append([])
            found[-1].append((word, " ".join(rest.split())))
    return found


def test_the_image_runs_as_nobody_in_particular_and_takes_a_service() -> None:
    last = dict(stages()[-1])
    assert last["USER"] == "printers"
    assert last["ENTRYPOINT"] == '["python", "-P", "-m"]'
    assert "DATA_DIR=/data" in last["ENV"]
    bases = [rest.split()[0] for stage in stages() for word, rest in stage if word == "FROM"]
    assert not any("/" in base for base in bases)


def test_what_is_copied_is_not_ignored_and_nothing_else_is_needed() -> None:
    copied = {rest.split()[0] for word, rest in stages()[0] if word == "COPY" for rest in [rest]}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    files = {"requirements/runtime.lock", "pyproject.toml"}
    assert {*PACKAGES, *files, "README.md"} == kept
    assert {*PACKAGES, *files} <= copied


def test_the_steps_make_an_environment_with_every_file_of_ours(tmp_path: Path) -> None:
    work, target = tmp_path / "src", tmp_path / "opt"
    work.mkdir()
    for word, rest in stages()[0]:
        if word == "COPY":
            *sources, place = rest.split()
            for source in sources:
                _copy(ROOT / source, work / place if place != "./" else work / source)
            if "requirements/runtime.lock" in sources:
                (work / sources[0]).write_text(
                    lock_of("runtime", {"editables", "hatchling"}), encoding="utf-8"
                )
        elif word == "RUN":
            command = rest.replace("/opt/printers", str(target)).replace(
                "python -m venv", f"{sys.executable} -m venv"
            )
            said = subprocess.run(command, shell=True, cwd=work, capture_output=True, text=True, check=False)  # noqa: S602
            if "No matching distribution" in said.stderr:
                pytest.skip("the package index cannot be reached")
            assert said.returncode == 0, said.stderr
    (site,) = target.glob("lib/python*/site-packages")
    ours = {path.relative_to(ROOT) for path in tracked() if path.relative_to(ROOT).parts[0] in PACKAGES}
    assert {name for name in ours if not (site / name).is_file()} == set()
    assert (target / "bin" / "printers").is_file()
    left = {path.name.partition("-")[0] for path in site.glob("*.dist-info")}
    assert left & {name.replace("-", "_") for name in {*BUILD_TOOLS, "pip", "setuptools"}} == set()
    assert re.search(r"COPY --from=build /opt/printers /opt/printers", TEXT)


def test_what_builds_alone_is_removed_and_what_runs_is_kept() -> None:
    """Held against the lock: what nothing but the build group asks for, through any number of steps."""
    pins = read_lock((ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8"))
    builds = {"editables", "hatchling"}
    for _ in pins:
        builds |= {name for name, wanted_by in pins.items() if wanted_by and wanted_by <= builds}
    (removed,) = re.findall(r"pip uninstall --yes (editables[\w\s-]+?) &&", TEXT)
    assert set(removed.split()) == builds == BUILD_TOOLS


def read_lock(text: str) -> dict[str, set[str]]:
    """Of each package in a lock: which packages want it, besides the project itself."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", text):
        name = re.match(r"([\w.-]+)==", block)
        if name:
            wanted = re.findall(r"^    #(?: via|  )\s+(\S.*)$", block, re.MULTILINE)
            found[name[1]] = set(wanted)
    return found


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)

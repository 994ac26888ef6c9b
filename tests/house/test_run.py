"""scripts/run.py, on a small project of its own: real environments, real packages, real processes."""

import ast
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from console.called import CALLED_AS_VARIABLE
from tests.house.documents import command_of
from tests.house.lockfiles import lock_of
from tests.paths import ROOT

pytestmark = pytest.mark.timeout(900)  # packages are fetched and unpacked, on a busy machine
RUN = ROOT / "scripts" / "run.py"
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "small-project"
version = "1"
scripts = { printers = "console.__main__:main" }
[tool.hatch.build.targets.wheel]
packages = ["console"]
[tool.pytest.ini_options]
testpaths = ["tests"]
"""
PROGRAM = """
import json, sys, time
def main():
    try:
        print(json.dumps(sys.argv[1:]), flush=True)
        if sys.argv[1:] != ["wait"]:
            return 5
        time.sleep(60)
    except KeyboardInterrupt:
        print("told to end")
    return 7
"""
NO_ENSUREPIP = "import sys; sys.modules['ensurepip'] = None\n"
RUN_IT = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')\n"
Result = subprocess.CompletedProcess[str]


def make_project(folder: Path) -> Path:
    """A project of one program and one test, with a few of our own locked packages."""
    texts = {
        "pyproject.toml": PYPROJECT,
        "console/__init__.py": "",
        "console/__main__.py": PROGRAM,
        "tests/test_one.py": "def test_one():\n    import console.__main__\n",
        "requirements/runtime.lock": lock_of("runtime", {"editables", "hatchling"}),
        "requirements/test.lock": lock_of("test", {"editables", "hatchling", "pytest"}),
        "scripts/run.py": RUN.read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def command(project: Path, *arguments: str, before: str = "") -> list[str]:
    """Start run.py, with some Python lines before it that change what it finds."""
    script = str(project / "scripts" / "run.py")
    start = ["-c", before + RUN_IT, script] if before else [script]
    return [sys.executable, *start, *arguments]


def run(project: Path, *arguments: str, before: str = "", **variables: str) -> Result:
    return subprocess.run(
        command(project, *arguments, before=before),
        capture_output=True,
        text=True,
        env=os.environ | variables,
        cwd=project.parent,
        timeout=240,
        check=False,
    )


def spawn(project: Path, *arguments: str, before: str = "") -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command(project, *arguments, before=before), stdout=pipe, stderr=pipe, text=True)


def load(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_of_a_project", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def first_starts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """Two starts at the same time in an empty folder: the project, and what both printed."""
    project = make_project(tmp_path_factory.mktemp("house") / "a project")
    starts = [spawn(project, "demo", "--dir", "a b") for _ in range(2)]
    outputs = [start.communicate(timeout=240) for start in starts]
    if any("No matching distribution" in errors for _, errors in outputs):
        pytest.skip("the package index cannot be reached")
    assert [start.returncode for start in starts] == [5, 5], outputs
    return project, outputs


@pytest.fixture
def project(first_starts: tuple[Path, list[tuple[str, str]]]) -> Path:
    """The project with an environment."""
    return first_starts[0]


def test_two_starts_at_once_in_an_empty_folder_both_work(
    first_starts: tuple[Path, list[tuple[str, str]]],
) -> None:
    _, outputs = first_starts
    assert [json.loads(out) for out, _ in outputs] == [["demo", "--dir", "a b"]] * 2
    waiting, making = sorted((errors for _, errors in outputs), key=len)
    assert waiting == "Another start is preparing the environment: waiting for it.\n"
    assert "Making the environment" in making
    assert " hatchling" in making
    assert "Ready after" in making


def test_a_warm_start_only_runs_the_program(project: Path) -> None:
    run(project)
    result = run(project, "--help")
    assert (result.stdout, result.stderr, result.returncode) == ('["--help"]\n', "", 5)


def test_the_program_knows_how_it_was_called(monkeypatch: pytest.MonkeyPatch) -> None:
    script = load(ROOT / "scripts/run.py")
    monkeypatch.setattr(script, "prepare", lambda _wanted: None)
    monkeypatch.setattr(script, "start", lambda _command: 0)
    monkeypatch.setattr(sys, "orig_argv", ["python3", "scripts/run.py", "status"])
    monkeypatch.setattr(sys, "argv", ["my scripts/run.py", "status"])
    monkeypatch.setenv(CALLED_AS_VARIABLE, "before")
    assert script.main(["status"]) == 0
    assert os.environ[CALLED_AS_VARIABLE] == "python3 'my scripts/run.py'"


@pytest.mark.processes
@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_a_python_that_a_shim_has_started_is_called_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = load(ROOT / "scripts/run.py")
    program, other = tmp_path / "versions" / "python9", tmp_path / "other" / "python9"
    for path, target in ((program, sys.executable), (other, "/bin/sh")):
        path.parent.mkdir()
        path.symlink_to(target)
    shim = tmp_path / "shims" / "python9"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    shim.chmod(0o755)
    assert script.typed(str(program)) == str(program)
    monkeypatch.setenv("PATH", str(shim.parent))
    assert script.typed(str(program)) == "python9"
    assert script.typed(str(other)) == str(other)
    assert script.typed("python9") == "python9"


def test_tests_share_the_environment_without_reinstalling(project: Path) -> None:
    run(project)
    installed = {path: path.stat().st_mtime_ns for path in (project / ".venv").rglob("RECORD")}
    added = run(project, "test", "-q", "-p", "no:cacheprovider")
    assert (added.returncode, "1 passed" in added.stdout) == (0, True), added
    assert "Making the environment" not in added.stderr
    assert {path: path.stat().st_mtime_ns for path in installed} == installed
    assert run(project, "demo").stderr == ""
    assert run(project, "test", "-q").stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_an_activated_environment_has_the_programs(project: Path) -> None:
    run(project, "test", "-q")
    line = command_of("CONTRIBUTING.md", ". .venv")
    for program in ("printers", "pytest"):
        said = subprocess.run(
            ["sh", "-c", f"{line} && command -v {program}"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == str(project / ".venv" / "bin" / program)


def has_pip(python: str) -> bool:
    return (
        subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="module")
def without_ensurepip() -> str:
    """Lines that hide ensurepip, where the system's pip fills an environment without it, in half the time."""
    return NO_ENSUREPIP if has_pip(load(RUN).base_python()) else ""


@pytest.fixture(scope="module")
def after_a_kill(
    first_starts: tuple[Path, list[tuple[str, str]]], without_ensurepip: str
) -> tuple[Path, Result]:
    """The project, of which an installation was killed, and what the next start prints."""
    project, _ = first_starts
    with (project / "requirements" / "runtime.lock").open("a", encoding="utf-8") as lock:
        lock.write("# changed\n")
    with spawn(project, "demo", before=without_ensurepip) as killed:
        assert killed.stderr
        for line in killed.stderr:
            if line.startswith("Installing"):
                break
        killed.kill()
    assert not (project / ".venv" / "ready.txt").exists()
    return project, run(project, "demo", before=without_ensurepip)


def test_an_installation_that_was_killed_is_made_again(after_a_kill: tuple[Path, Result]) -> None:
    project, again = after_a_kill
    assert (again.stdout, again.returncode) == ('["demo"]\n', 5), again
    assert "Making the environment" in again.stderr
    assert run(project, "demo").stderr == ""


def test_without_ensurepip_the_pip_of_the_system_fills_the_environment(
    after_a_kill: tuple[Path, Result], without_ensurepip: str
) -> None:
    if not without_ensurepip:
        pytest.skip("the Python outside of the environment has no pip")
    project, again = after_a_kill
    assert again.returncode == 5
    assert list((project / ".venv").rglob("hatchling-*.dist-info"))
    assert not list((project / ".venv").rglob("pip-*.dist-info"))


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console only")
def test_ctrl_c_reaches_the_program_and_its_status_comes_back(project: Path) -> None:
    run(project)
    with spawn(project, "wait") as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == '["wait"]\n'
        waiting.send_signal(signal.SIGINT)
        assert waiting.stdout.read() == "told to end\n"
    assert waiting.returncode == 7


def test_a_copy_or_a_vanished_python_is_not_ready(project: Path, tmp_path: Path) -> None:
    run(project)
    assert load(project / "scripts" / "run.py").is_ready("runtime")
    copy = shutil.copytree(project, tmp_path / "copy", symlinks=True)
    assert not load(copy / "scripts" / "run.py").is_ready("runtime")
    module = load(project / "scripts" / "run.py")
    python = Path(module.PYTHON)
    python.rename(python.with_name("away"))
    try:
        assert not module.is_ready("runtime")
    finally:
        python.with_name("away").rename(python)


def test_without_ensurepip_and_pip_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    python = next(bare.glob("*/python.exe"), bare / "bin" / "python")
    project = make_project(tmp_path / "project")
    result = run(project, "demo", before=f"{NO_ENSUREPIP}sys._base_executable = {str(python)!r}\n")
    assert result.returncode == 2
    assert "apt install python3-venv" in result.stderr.splitlines()[-1]


def test_an_index_that_cannot_be_reached_is_told_in_a_sentence(
    tmp_path: Path, without_ensurepip: str
) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0"}
    result = run(make_project(tmp_path), "demo", before=without_ensurepip, **nowhere)
    assert result.returncode == 2
    assert "The packages could not be installed" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / ".venv" / "ready.txt").exists()


def test_an_older_python_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 7))
    project = make_project(tmp_path)
    result = run(project, "demo", before="import sys; sys.version_info = (3, 10, 12, 'final', 0)\n")
    assert result.returncode == 2
    assert "needs Python 3.11 or newer, this is 3.10" in result.stderr
    assert not (project / ".venv").exists()

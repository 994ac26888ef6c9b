"""Run the project: make .venv if needed, then `printers ARGS`, or with `test ARGS` the tests."""

import contextlib
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this file is what an older Python is started with
    sys.stderr.write(
        "Printer System needs Python 3.11 or newer, this is {}.{}: install one, then start with it, "
        "for example `python3.11 scripts/run.py demo`.\n".format(*sys.version_info)
    )
    sys.exit(2)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""
PYTHON = PROGRAMS / f"python{SUFFIX}"
MARKER = VENV / "ready.txt"
# Not inside .venv, which is cleared while the lock is held.
START_LOCK = ROOT / ".venv.lock"


class StartError(Exception):
    """The reason why the project cannot be started, as one sentence for a person."""


def say(text: str, end: str = "\n") -> None:
    """Tell on stderr, since stdout belongs to the program that is started."""
    sys.stderr.write(text + end)
    sys.stderr.flush()


def lock_file(wanted: str) -> Path:
    return ROOT / "requirements" / f"{wanted}.lock"


def stamp(wanted: str) -> set[str]:
    """Return what is true of a ready environment: it knows its folder, its Python and its locks."""
    # The test lock holds the runtime lock, so an environment for tests runs everything.
    locks = ("runtime", "test") if wanted == "test" else ("runtime",)
    hashes = {f"{name} {hashlib.sha256(lock_file(name).read_bytes()).hexdigest()}" for name in locks}
    return hashes | {f"folder {ROOT}", f"python {PYTHON.resolve()}"}


def marker() -> set[str]:
    """Return what the finished environment was stamped with; empty when it was never finished."""
    try:
        return set(MARKER.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return set()


def python_is_there() -> bool:
    """Return whether the environment's Python exists, and on Windows also the one that it starts."""
    try:
        config = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    homes = [line.partition("=")[2].strip() for line in config.splitlines() if line.startswith("home")]
    return PYTHON.exists() and all(Path(home).exists() for home in homes)


def is_ready(wanted: str) -> bool:
    return stamp(wanted) <= marker() and python_is_there()


def child_environment() -> dict[str, str]:
    """Return our variables without those that would send packages elsewhere than into .venv."""
    elsewhere = {"PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return kept | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONIOENCODING": "utf-8"}


def output_of(command: list[str]) -> Iterator[str]:
    """Yield the lines a command prints as it prints them. Raises StartError with the last of them."""
    last: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=child_environment(),
        close_fds=False,  # the start lock stays taken as long as a child lives, also when we are killed
    ) as child:
        for line in child.stdout or ():
            last = [*last[-9:], line.rstrip()]
            yield last[-1]
    if child.returncode:
        first = next((at for at, line in enumerate(last) if "ERROR" in line), 0)
        raise StartError("\n".join(last[first:]))


def succeeds(command: list[str]) -> bool:
    try:
        for _ in output_of(command):
            pass
    except (StartError, OSError):
        return False
    return True


def base_python() -> str:
    """Return the Python outside of every environment: .venv may be cleared while it is the one running us."""
    return str(getattr(sys, "_base_executable", sys.executable) or sys.executable)


def make_venv() -> None:
    say(f"Making the environment {VENV} with Python {sys.version.split()[0]} ...")
    command = [base_python(), "-m", "venv", "--clear", str(VENV)]
    if not (importlib.util.find_spec("ensurepip") and succeeds(command)):
        # Without ensurepip (Debian packs it apart) the system's pip can fill the environment.
        succeeds([*command, "--without-pip"])


def pip() -> list[str]:
    """Return the command that installs into .venv: its own pip, else the system's."""
    choices = [str(PYTHON), "-m", "pip"], [base_python(), "-m", "pip", "--python", str(PYTHON)]
    for choice in choices:
        if succeeds([*choice, "--version"]):
            return choice
    raise StartError(
        f"{VENV} cannot be filled, because this Python has neither ensurepip nor pip: "
        "run `apt install python3-venv` (other systems: install Python with pip) and start again."
    )


def show_progress(lines: Iterator[str]) -> None:
    """Name each package as pip comes to it, a screen's width to a line."""
    column = 0
    for line in lines:
        word = line.split("==")[0].removeprefix("Collecting ") if line.startswith("Collecting ") else ""
        if column and line.startswith("Installing collected packages"):
            word = "... unpacking them"
        if column and column + len(word) > 100:  # noqa: PLR2004 - a usual terminal's width
            say("")
            column = 0
        if word:
            say(f" {word}", end="")
            column += len(word) + 1
    if column:
        say("")


def install(arguments: list[str]) -> None:
    try:
        show_progress(output_of([*pip(), "install", "--no-input", "--progress-bar", "off", *arguments]))
    except StartError as error:
        raise StartError(
            f"The packages could not be installed, see the end of pip's output below (is the network, or the "
            f"package index that pip is configured for, within reach?), then start again.\n{error}"
        ) from None


def fill(wanted: str) -> None:
    """Bring .venv to the wanted lock; the marker is gone while it is not whole and is written last."""
    started = time.monotonic()
    only_tests_missing = wanted == "test" and marker() == stamp("runtime") and python_is_there()
    MARKER.unlink(missing_ok=True)
    if not only_tests_missing:
        make_venv()
    say(f"Installing the packages of {lock_file(wanted).relative_to(ROOT)} (once, about a minute):")
    install(["--require-hashes", "--only-binary", ":all:", "-r", str(lock_file(wanted))])
    if not only_tests_missing:
        # Apart from the lock: pip refuses to install a folder in the mode that demands hashes.
        install(["--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    MARKER.write_text("\n".join(sorted(stamp(wanted))), encoding="utf-8")
    say(f"Ready after {time.monotonic() - started:.0f} s.")


def try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.set_inheritable(descriptor, True)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold the start lock, which the system frees when its last holder ends, however it ends."""
    with START_LOCK.open("a") as file:
        if not try_lock(file.fileno()):
            say("Another start is preparing the environment: waiting for it.")
            while not try_lock(file.fileno()):
                time.sleep(0.2)
        yield


def prepare(wanted: str) -> None:
    try:
        if is_ready(wanted):
            return
        with only_one():
            if not is_ready(wanted):  # the one we waited for may have made it
                fill(wanted)
    except OSError as error:
        raise StartError(f"{ROOT} cannot hold the environment .venv: {error}.") from None


def start(command: list[str]) -> int:
    """Replace this process by the program; on Windows run it and return its exit status."""
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reached the program too, which ends in its own way


def quoted(word: str) -> str:
    """Return a word as it is typed in a shell."""
    return f'"{word}"' if os.name == "nt" and " " in word else word if os.name == "nt" else shlex.quote(word)


def typed(program: str) -> str:
    """Return a program as it is typed: by its name where that leads to it; a shim starts it by its path."""
    name = Path(program).name
    found = shutil.which(name)
    if name == program or not found:
        return program
    asked = [found, "-c", "import sys; print(sys.executable)"]  # a shim is a program of its own
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return program
    return name if Path(told).resolve() == Path(program).resolve() else program


def main(arguments: list[str]) -> int:
    testing = arguments[:1] == ["test"]
    try:
        prepare("test" if testing else "runtime")
    except StartError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("\nStopped; the next start makes the environment again.")
        return 130
    if testing:
        os.chdir(ROOT)
        return start([str(PYTHON), "-m", "pytest", *arguments[1:]])
    # So that the commands it tells people to type begin as this one did.
    os.environ["PRINTERS_CALLED_AS"] = " ".join(map(quoted, (typed(sys.orig_argv[0]), sys.argv[0])))
    return start([str(PROGRAMS / f"printers{SUFFIX}"), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make requirements/runtime.lock and test.lock again from pyproject.toml (`--upgrade`: newer versions)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = (
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--no-header"),
    *("--universal", "--python-version", "3.11", "--only-binary", ":all:"),
    *("--generate-hashes", "--no-emit-index-url", "--group", "build"),
)


def main(extra: list[str]) -> int:
    """Compile both locks; pins that still fit stay unless `extra` asks for newer ones."""
    runtime = "requirements/runtime.lock"
    commands = (
        [*COMPILE, "--output-file", runtime, *extra],
        # The constraint makes the test lock a superset: both can share one environment.
        [*COMPILE, "--group", "test", "-c", runtime, "--output-file", "requirements/test.lock", *extra],
    )
    for command in commands:
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

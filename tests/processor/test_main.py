"""`python -m processor` as a process: what it refuses, in one sentence."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ((), {"UNREACHABLE_AFTER": "many"}, "error: UNREACHABLE_AFTER: "),
        (("--judge",), {}, "unrecognized arguments"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    arguments: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "processor", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr

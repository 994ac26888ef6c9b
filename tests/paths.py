"""Where things are: the project, and the public recordings beside it (absent for most people)."""

from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared (public recordings, MIB texts) is absent"
)

MEMORY: Final = Path("/dev/shm")  # noqa: S108 (pytest makes a folder of its own there)
"""A disk would write down each of the thousands of commits before it answers: about 5 ms each."""
TEMPORARY_ROOT: Final = "PYTEST_DEBUG_TEMPROOT"
"""The variable that says where pytest puts the folders of tests."""

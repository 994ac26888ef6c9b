"""Where things are: the project, and the public recordings beside it (absent for most people)."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared (public recordings, MIB texts) is absent"
)

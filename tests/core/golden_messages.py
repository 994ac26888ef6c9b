"""A message of each kind as version 1 of the contract published it."""

import json
from typing import Any, Final

from tests.paths import ROOT

GOLDEN: Final[dict[str, Any]] = json.loads((ROOT / "tests/core/golden_messages.json").read_text())

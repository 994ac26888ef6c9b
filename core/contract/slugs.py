"""What names printers and sites everywhere. It needs no package: scripts use it with Python alone."""

import re
from typing import Final

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""Safe as an MQTT topic level, a file name and a part of a URL."""

"""The number of the newest migration; a test holds it against those there are."""

from typing import Final

SCHEMA_HEAD: Final = "0034"

"""The organization's logo: a PNG or JPEG picture, kept as text (a data URL)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from core.domain.units import size

LOGO_CID: Final = "organization-logo"
"""The name of the logo within a mail (RFC 2392)."""
MOST_OCTETS: Final = 200_000
MOST_PIXELS: Final = 4_000
"""Of width and of height: a small file may unpack to a picture that no browser can hold."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers of JPEG that say how large the picture is (SOF)."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Those without a length."""


@dataclass(frozen=True)
class Logo:
    """A picture that was looked at: its kind, and a size in pixels that is no trap."""

    kind: Literal["png", "jpeg"]
    octets: bytes
    width: int
    height: int

    @property
    def media_type(self) -> str:
        """Return the media type for an HTTP header or a mail."""
        return f"image/{self.kind}"

    @cached_property
    def version(self) -> str:
        """Another picture has another one: for its address, which browsers keep."""
        return hashlib.sha256(self.octets).hexdigest()[:16]

    def as_text(self) -> str:
        """Return it as a setting's value."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.octets).decode('ascii')}"

    def __str__(self) -> str:
        """Return the text shown for it where settings are listed."""
        return f"{self.kind.upper()} picture, {self.width} x {self.height}, {size(len(self.octets))}"


def read_logo(octets: bytes) -> Logo:
    """Look at a file; raise ValueError with a sentence where it cannot be the logo."""
    if len(octets) > MOST_OCTETS:
        raise ValueError(f"the picture has {size(len(octets))}: at most {size(MOST_OCTETS)} are possible")
    if octets.startswith(_PNG):
        logo = Logo("png", octets, *_png_size(octets))
    elif octets.startswith(_JPEG):
        logo = Logo("jpeg", octets, *_jpeg_size(octets))
    elif b"<svg" in octets[:1000].lower():
        raise ValueError("SVG pictures can hold scripts and are not taken: save it as PNG")
    else:
        raise ValueError("this is no PNG or JPEG picture")
    if not (0 < logo.width <= MOST_PIXELS and 0 < logo.height <= MOST_PIXELS):
        raise ValueError(
            f"the picture is {logo.width} x {logo.height}: at most {MOST_PIXELS} x {MOST_PIXELS} are possible"
        )
    return logo


@lru_cache(maxsize=4)
def parse_logo(text: str) -> Logo | None:
    """Return the logo that a setting's value holds, None for an empty one; raise ValueError as read_logo."""
    if not text:
        return None
    head, comma, encoded = text.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        raise ValueError("a picture as data:image/png;base64,... is wanted")
    try:
        octets = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError("a picture as data:image/png;base64,... is wanted") from None
    return read_logo(octets)


def _png_size(octets: bytes) -> tuple[int, int]:
    if octets[12:16] != b"IHDR" or not octets.endswith(_PNG_END):
        raise ValueError("the PNG picture is damaged")
    return int.from_bytes(octets[16:20]), int.from_bytes(octets[20:24])


def _jpeg_size(octets: bytes) -> tuple[int, int]:
    at = 2
    while octets.endswith(_JPEG_END) and at + 9 < len(octets) and octets[at] == 0xFF:  # noqa: PLR2004 (a marker)
        marker = octets[at + 1]
        if marker in _FRAMES:
            return int.from_bytes(octets[at + 7 : at + 9]), int.from_bytes(octets[at + 5 : at + 7])
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 (filling)
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
        else:
            at += 2 + max(2, int.from_bytes(octets[at + 2 : at + 4]))
    raise ValueError("the JPEG picture is damaged")

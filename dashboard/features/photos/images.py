"""Making a photo of ours of whatever was sent as one; the only module that knows Pillow.

Nothing of the file that came is kept or served: what can be decoded is drawn anew as JPEG, without metadata,
without whatever else the file was (a script, an archive), and upright.
"""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from core.contract.errors import UserError

MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 2048
LARGEST_BYTES: Final = 500_000
THUMBNAIL_SIDE: Final = 320
_QUALITIES: Final = (85, 75, 65, 50, 35)
_FORMATS: Final = ("JPEG", "PNG", "GIF")
"""Those whose size is known before anything of them is decoded."""
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})


class UnusablePhoto(UserError):
    """The data cannot be shown as a photo; the sentence says why."""


@dataclass(frozen=True)
class Photo:
    """A photo as it is stored: two JPEG files."""

    image: bytes
    """At most LONGEST_SIDE pixels long and wide, and LARGEST_BYTES bytes."""
    thumbnail: bytes


def make_photo(sent: bytes) -> Photo:
    """Decode what was sent and encode it anew; of moving pictures the first one. Raises UnusablePhoto."""
    if sent[4:8] == b"ftyp" and sent[8:12] in _HEIC_BRANDS:
        raise UnusablePhoto(
            "HEIC photos cannot be read here: choose “Most compatible” in the camera's settings, "
            "or send a JPEG."
        )
    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as opened:
            _check_size(opened)
            drawn = _drawn(opened)
    except UnusablePhoto:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except Exception as error:  # a decoder may raise anything about bytes that were made to mislead it
        raise UnusablePhoto(
            "This is no photo that can be read here, or not a whole one: send a JPEG, PNG or GIF."
        ) from error
    small = drawn.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return Photo(_encoded(drawn), _jpeg(small, 75))


def _check_size(opened: Image.Image) -> None:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> UnusablePhoto:
    return UnusablePhoto(f"This photo is too large: at most {MOST_PIXELS // 10**6} megapixels.")


def _drawn(opened: Image.Image) -> Image.Image:
    """Return its pixels upright, on white, no larger than needed, as a new image that knows nothing else."""
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # of a large JPEG only so much is decoded
    opened.load()
    upright = ImageOps.exif_transpose(opened)
    if upright.mode not in {"RGB", "RGBA", "L"}:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright if upright.mode == "RGBA" else None)
    return drawn


def _encoded(drawn: Image.Image) -> bytes:
    """Return a JPEG of at most LARGEST_BYTES: of less quality where needed, then smaller."""
    while True:
        for quality in _QUALITIES:
            encoded = _jpeg(drawn, quality)
            if len(encoded) <= LARGEST_BYTES:
                return encoded
        drawn = drawn.resize((max(1, drawn.width * 3 // 4), max(1, drawn.height * 3 // 4)))


def _jpeg(drawn: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    drawn.save(encoded, "JPEG", quality=quality, optimize=True)
    return encoded.getvalue()

"""Files for tests of photos: what a phone's camera makes, and what somebody makes who means harm."""

import io
import random
import struct
import zlib
from typing import Final

from PIL import Image

SECRET: Final = b"51.5007N 0.1246W"
"""What is in the metadata of `phone_photo`."""


def phone_photo(width: int = 1200, height: int = 900, *, orientation: int = 6) -> bytes:
    """A JPEG whose left half is red, held upright (EXIF orientation 6: turn it right), with a place in it."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = SECRET.decode()
    made = io.BytesIO()
    image.save(made, "JPEG", exif=exif, comment=SECRET)
    return made.getvalue()


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small picture of one color."""
    made = io.BytesIO()
    Image.new(mode, size).save(made, kind)
    return made.getvalue()


def noise(width: int, height: int) -> bytes:
    """A PNG that no JPEG makes small."""
    made = io.BytesIO()
    Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3)).save(
        made, "PNG", compress_level=0
    )
    return made.getvalue()


def moving_gif() -> bytes:
    """Three pictures: red, green, blue."""
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "lime", "blue")]
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    return made.getvalue()


def png_bomb(side: int) -> bytes:
    """A PNG of some kilobytes that says it has side x side pixels."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(side // 8 + 1) * 64, 9)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def heic() -> bytes:
    """The beginning of what an iPhone keeps."""
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(64)

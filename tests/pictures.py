"""Small pictures for tests, and how they come as a setting's value."""

import struct
import zlib


def png(width: int = 120, height: int = 40, *, filling: int = 0) -> bytes:
    """A blue PNG picture; `filling`: so many octets more, in a chunk that nobody reads."""
    rows = b"".join(b"\0" + bytes([11, 92, 171]) * width for _ in range(height))
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"teXt", b"x" * filling) if filling else b"",
            _chunk(b"IDAT", zlib.compress(rows)),
            _chunk(b"IEND", b""),
        )
    )


def jpeg(width: int = 120, height: int = 40) -> bytes:
    """What a JPEG picture begins and ends with."""
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + bytes(3)
    return b"\xff\xd8" + application + frame + bytes(20) + b"\xff\xd9"


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

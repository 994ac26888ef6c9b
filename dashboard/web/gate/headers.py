"""The headers of every answer: what the browser may load, frame, guess and tell."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from streamlit import file_util

from dashboard.web.gate.request_origin import RequestOrigin

_YEAR_SECONDS: Final = 365 * 24 * 3600
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_REPLACED: Final = frozenset(
    {name for name, _ in _ALWAYS} | {b"content-security-policy", b"strict-transport-security", b"server"}
)


_CACHE: Final = b"cache-control"
MAILS: Final = "/mails/"
"""Mails as HTML, which a page of ours shows in a frame."""
_NEVER_KEPT: Final = ("/api/", "/media/", "/metrics", "/label", MAILS)
"""Whatever is behind these is for who asked alone, and may change with the next reading."""


_MAIL_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        # An origin of its own, without scripts and forms, whatever the frame allows; its links open new tabs.
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)


def secured(headers: Any, seen: RequestOrigin, path: str) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer, with ours in place of whatever it said on the same subjects."""
    kept = [(name, value) for name, value in headers if name.lower() not in _REPLACED]
    policy = _MAIL_POLICY if path.startswith(MAILS) else _policy(seen)
    ours = [*_ALWAYS, (b"content-security-policy", policy.encode("latin-1", "replace"))]
    if path.startswith(MAILS):
        ours = [(name, b"SAMEORIGIN" if name == b"x-frame-options" else value) for name, value in ours]
    if path.startswith(_NEVER_KEPT):
        kept = [(name, value) for name, value in kept if name.lower() != _CACHE]
        ours.append((_CACHE, b"no-store"))
    if seen.secure:
        ours.append((b"strict-transport-security", f"max-age={_YEAR_SECONDS}".encode()))
    return kept + ours


def _policy(seen: RequestOrigin) -> str:
    # The stream by name: not every browser takes 'self' for a websocket, too. Styles are inline in what
    # Streamlit draws; charts are drawn on canvas and saved as blobs.
    stream = f"{'wss' if seen.secure else 'ws'}://{seen.host}"
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {streamlit_inline_hash()}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' {stream}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


@cache
def streamlit_inline_hash() -> str:
    """Return what allows the inline scripts of Streamlit's own page, and no other ones."""
    page = (Path(file_util.get_static_dir()) / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)

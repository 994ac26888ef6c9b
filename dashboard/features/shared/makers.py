"""Who made a token or the link of a screen, in words: also that they are deactivated or may do less now."""

from datetime import datetime

from core.domain.permissions import Permission, role_of
from core.domain.units import ago
from core.storage.makers import Maker


def made_by(name: str, maker: Maker | None, at: datetime, now: datetime, *, takes: Permission) -> str:
    """Return `made by maya 3 d ago`, with what is not as it was then; `takes`: what making it takes."""
    if maker is None or maker.may(takes):
        return f"made by {name} {ago(at, now)}"
    changed = f"{role_of(maker.role).title} now" if maker.active else "deactivated"
    return f"made by {name} ({changed}) {ago(at, now)}"

"""The tables of this package, as SQLAlchemy Core sees them; accounts and sessions are in fleet."""

from typing import cast

from sqlalchemy import Table

from fleet.people_tables import ApiToken, Attempt

API_TOKENS = cast(Table, ApiToken.__table__)  # type: ignore[attr-defined]
ATTEMPTS = cast(Table, Attempt.__table__)  # type: ignore[attr-defined]

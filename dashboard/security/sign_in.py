"""Signing in with name and password."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from dashboard.security.sessions import Client, open_session
from dashboard.security.throttle import (
    LOGIN_ADDRESS,
    LOGIN_USER,
    count_attempt,
    forget_attempt,
    forget_attempts,
)
from fleet.database import reading, writing
from fleet.errors import FleetError
from fleet.passwords import verify
from fleet.user_commands import find_user
from fleet.web_settings import DashboardSettings

_HASHING: Final = threading.BoundedSemaphore(2)
"""A password costs 20 ms of CPU and 19 MiB: a crowd at the door waits, pages go on."""
_LONGEST_NAME: Final = 128


class WrongPassword(FleetError):
    """Name or password is wrong; which one is not told."""


@dataclass(frozen=True)
class Credentials:
    """What somebody typed, and where."""

    name: str
    password: str
    client: Client
    throttle_address: str = ""


def sign_in(engine: Engine, given: Credentials, settings: DashboardSettings, now: datetime) -> str:
    """The token of a new session. Raises WrongPassword and TooManyAttempts."""
    name = given.name.replace("\0", "").strip().lower()[:_LONGEST_NAME]  # PostgreSQL takes no NUL
    counted = ((LOGIN_USER, name), (LOGIN_ADDRESS, given.throttle_address))
    with writing(engine) as connection:
        count_attempt(connection, counted, now)
    with reading(engine) as connection:
        user = find_user(connection, name)
    with _HASHING:
        right = verify(given.password, user["password_hash"] if user else "")
    if user is None or not right or not user["active"]:
        raise WrongPassword("That name and password do not belong together.")
    with writing(engine) as connection:
        forget_attempts(connection, counted[:1])
        # Not all of the address: whoever has an account could go on guessing at those of others.
        forget_attempt(connection, *counted[1], now)
        return open_session(connection, user["id"], given.client, settings, now)

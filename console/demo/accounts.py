"""The accounts of a demo: one of each role, with a password that is made for its folder."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from console.demo.folder import DemoFolder
from core.domain.permissions import ROLES
from core.storage.database import open_database, writing
from core.storage.users import NewUser, add_user, find_user

PEOPLE: Final = (
    NewUser("tom", ROLES["technician"], "Tom Adeyemi", "tom.adeyemi@hartwell.example"),
    NewUser("maya", ROLES["manager"], "Maya Lindqvist", "maya.lindqvist@hartwell.example", True),
    NewUser("ada", ROLES["admin"], "Ada Okafor", "ada.okafor@hartwell.example"),
)


def add_people(place: DemoFolder, password: str, now: datetime) -> None:
    """Add the accounts that are not there yet."""
    engine = open_database(place.database())
    try:
        with writing(engine) as connection:
            for person in PEOPLE:
                if find_user(connection, person.name) is None:
                    add_user(connection, replace(person, password=password), actor="demo", now=now)
    finally:
        engine.dispose()


def sign_in_lines(password: str) -> tuple[str, str]:
    """Return the accounts for the banner, where 80 columns are enough for all of it."""
    names = ", ".join(f"{person.name} ({person.role.name})" for person in PEOPLE)
    return f"Sign in  {names}", f"Password {password}"

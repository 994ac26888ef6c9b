"""The users of the old application as accounts of ours, without their passwords; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.django.dump import Dump, Record
from console.django.values import is_yes, time_of
from core.domain.mail_addresses import is_address
from core.domain.permissions import FIRST_ROLE, ROLES, Role

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_SUMMARY: Final = re.compile(r"summary|digest")
_ROLE_WORDS: Final = (
    (ROLES["admin"], re.compile(r"admin|superuser", re.IGNORECASE)),
    (ROLES["manager"], re.compile(r"manager|supervisor|\blead\b|\bhead\b", re.IGNORECASE)),
)
_ROLE_FIELDS: Final = ("role", "groups", "group", "position")
_LONGEST_NAME: Final = 120


@dataclass(frozen=True)
class ImportedAccount:
    """A user to be taken over: signs in once a password is set, or by single sign-on."""

    source: str
    name: str
    full_name: str
    email: str
    role: Role
    active: bool
    receives_summary: bool
    created_at: datetime | None


def account_of(
    record: Record, dump: Dump, *, marked: bool, at_work: bool, notes: list[str]
) -> ImportedAccount | None:
    """Return the account of a user; None where the name cannot be one.

    `marked`: another model (a profile) says that they receive the summary. `at_work`: issues are assigned
    to them. Who is not staff, receives no summary and did no work only reported problems: their account is
    inactive.
    """
    fields = record.fields
    name = str(fields.get("username") or fields.get("email") or "").strip().lower()
    if not _NAME.fullmatch(name):
        return None
    email = str(fields.get("email") or "").strip()
    if email and not is_address(email):
        notes.append(f"{record.source}: {email[:60]!r} is no mail address and is left out")
        email = ""
    wants = marked or receives_summary(record)
    if wants and not email:
        notes.append(f"{record.source}: without a mail address they cannot receive the daily summary")
    person = f"{fields.get('first_name') or ''} {fields.get('last_name') or ''}".strip()
    full_name = person or str(fields.get("full_name") or fields.get("name") or "")
    outsider = is_yes(fields.get("is_staff")) is False and not (wants or at_work)
    role = ROLES["admin"] if is_yes(fields.get("is_superuser")) else _role(record, dump)
    return ImportedAccount(
        source=record.source,
        name=name,
        full_name=" ".join(full_name.split())[:_LONGEST_NAME],
        email=email,
        role=role,
        active=is_yes(fields.get("is_active")) is not False and not (outsider and role.name == FIRST_ROLE),
        receives_summary=wants and bool(email),
        created_at=time_of(str(fields.get("date_joined") or fields.get("created_at") or ""), []),
    )


def receives_summary(record: Record) -> bool:
    """Return whether a user or a profile is marked for the daily summary."""
    return any(_SUMMARY.search(name) and is_yes(value) is True for name, value in record.fields.items())


def marked_users(dump: Dump, others: Iterable[Record]) -> set[tuple[str, str]]:
    """Return model and key of the users whose profile marks them for the daily summary."""
    found = set()
    for record in others:
        if receives_summary(record):
            for name in ("user", "user_id", "account", "owner"):
                target = dump.target_of(name, record.fields.get(name))
                if target is not None:
                    found.add((target.model, target.key))
    return found


def _role(record: Record, dump: Dump) -> Role:
    words = " ".join(_words(record.fields, dump))
    return next((role for role, pattern in _ROLE_WORDS if pattern.search(words)), ROLES[FIRST_ROLE])


def _words(fields: Mapping[str, Any], dump: Dump) -> Iterable[str]:
    for name in _ROLE_FIELDS:
        value = fields.get(name)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, list):  # a natural key
                yield " ".join(map(str, part))
            elif part is not None:
                yield dump.word_of(name.removesuffix("s") if name == "groups" else name, part)


class People:
    """Names of a file's people here: accounts by their names, others by words."""

    def __init__(self, dump: Dump, accounts: Mapping[tuple[str, str], ImportedAccount]) -> None:
        """Index the accounts. `accounts`: by the model and the key of their users."""
        self._dump = dump
        self._accounts = accounts
        self._names = {account.name for account in accounts.values()}

    def called(self, field: str, value: Any) -> str:
        """Return the account that a field names, else the words that it has for somebody."""
        target = self._dump.target_of(field, value)
        if target is not None and (target.model, target.key) in self._accounts:
            return self._accounts[target.model, target.key].name
        words = self._dump.word_of(field, value).strip()
        return words.lower() if words.lower() in self._names else " ".join(words.split())[:_LONGEST_NAME]

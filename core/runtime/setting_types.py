"""Settings of a form of their own, and what a refused value of any setting is told with."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator

from core.domain.permissions import ROLES

_LISTEN: Final = re.compile(r"[^/\s]+:\d{1,5}")
_WEB: Final = re.compile(r"https?://[^/\s]+(/\S*)?")


def _listens(text: str) -> str:
    if text and not _LISTEN.fullmatch(text):
        raise ValueError(f"{text!r} is no address with a port: 127.0.0.1:8501 is one, 0.0.0.0:8501 another")
    return text


def _is_on_the_web(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError("an address that begins with http:// or https:// is wanted")  # it may hold a secret
    return text


def _is_role(name: str) -> str:
    if name not in ROLES:
        *others, last = map(repr, ROLES)
        raise ValueError(f"{', '.join(others)} or {last} is wanted")
    return name


def _is_role_or_empty(name: str) -> str:
    return name and _is_role(name)


ListenAddress = Annotated[str, AfterValidator(_listens)]
"""Where something listens; "": nowhere."""
WebAddress = Annotated[str, AfterValidator(_is_on_the_web)]
RoleName = Annotated[str, AfterValidator(_is_role)]
RoleNameOrEmpty = Annotated[str, AfterValidator(_is_role_or_empty)]

_WANTED: Final[Mapping[str, str]] = {
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "literal_error": "{expected}",
    "time_parsing": "a time of day such as 07:00",
    "dict_type": "a JSON object",
    "string_pattern_mismatch": "text of the form {pattern}",
}


def fault(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors in words for who set the variable, without the value: it may be a secret."""
    wanted = _WANTED.get(error["type"])
    if wanted is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return f"{wanted.format(**error.get('ctx', {}))} is wanted"

"""Settings of a form of their own, what contradicts what, and what a refused value is told with."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from core.domain.addresses import address_of
from core.domain.day_parts import day_part, time_zone, zoned_day_part
from core.domain.logos import parse_logo
from core.domain.networks import networks_of
from core.domain.permissions import ROLES

_LISTEN: Final = re.compile(r"[^/\s]+:\d{1,5}")
_MOST_PORT: Final = 65_535
_DJANGO_BACKEND: Final = re.compile(r"^django\.core\.mail\.backends\.(smtp|console|filebased)\.EmailBackend$")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[^\s/:@.\[\]]{1,63}(\.[^\s/:@.\[\]]{1,63})*\.?")
_WEB: Final = re.compile(r"https?://[^/\s]+(/\S*)?")


def _listens(text: str) -> str:
    if text and not (_LISTEN.fullmatch(text) and int(text.rpartition(":")[2]) <= _MOST_PORT):
        raise ValueError(f"{text!r} is no address with a port: 127.0.0.1:8501 is one, 0.0.0.0:8501 another")
    return text


def _is_on_the_web(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError("an address that begins with http:// or https:// is wanted")  # it may hold a secret
    return text


def _is_host(text: str) -> str:
    if not _HOST.fullmatch(text) and address_of(text) is None:
        raise ValueError(
            "a host name or an address alone is wanted, without mqtt:// or the like and without a port"
        )
    return text


def _is_role(name: str) -> str:
    if name not in ROLES:
        *others, last = map(repr, ROLES)
        raise ValueError(f"{', '.join(others)} or {last} is wanted")
    return name


def _is_role_or_empty(name: str) -> str:
    return name and _is_role(name)


def parsed_by(parse: Callable[[str], object], *, or_blank: bool = False) -> AfterValidator:
    """Return a validator that leaves a text as it is and refuses what `parse` cannot read (ValueError)."""

    def check(text: str) -> str:
        if text.strip() or not or_blank:
            parse(text)
        return text

    return AfterValidator(check)


def _local(clock: time) -> time:
    if clock.tzinfo is not None:
        raise ValueError("a time of day without a zone is wanted, such as 07:00")
    return clock


def _never_or_a_second(seconds: float) -> float:
    if 0 < seconds < 1:  # a slip of the unit would ask the whole fleet without end
        raise ValueError("0 (never) or at least 1 is wanted")
    return seconds


def _backend(value: object) -> object:
    found = _DJANGO_BACKEND.match(value) if isinstance(value, str) else None
    return value if found is None else found[1].replace("filebased", "file")


_CHANGEABLE: Final[JsonDict] = {"changeable": True}


def changeable(default: Any) -> Any:
    """Return a field that an administrator may change while the system runs; never a secret.

    Its value is then in the table `settings`, unless the environment or the settings file sets it.
    """
    return Field(default=default, json_schema_extra=_CHANGEABLE)


def is_changeable(field: FieldInfo) -> bool:
    """Return whether a field was declared by `changeable`."""
    return field.json_schema_extra == _CHANGEABLE


class Contradiction(NamedTuple):
    """Settings of one block that cannot be what they are together."""

    names: tuple[str, ...]
    text: str
    """A sentence that names them, without its period."""


def in_order(block: BaseModel, lower: str, upper: str) -> Iterator[Contradiction]:
    """Yield that one number is above the other."""
    if getattr(block, lower) > getattr(block, upper):
        text = f"{_as_set(block, lower)} must not be above {_as_set(block, upper)}"
        yield Contradiction((lower.upper(), upper.upper()), text)


def needs(block: BaseModel, name: str, other: str) -> Iterator[Contradiction]:
    """Yield that a setting means nothing without the other, where that is unset or off."""
    if getattr(block, name) and not getattr(block, other):
        wanted = f"{other.upper()}=true" if isinstance(getattr(block, other), bool) else other.upper()
        yield Contradiction((name.upper(), other.upper()), f"{name.upper()} needs {wanted}")


def _as_set(block: BaseModel, name: str) -> str:
    default = "" if name in block.model_fields_set else ", its default"
    return f"{name.upper()} ({getattr(block, name)}{default})"


ListenAddress = Annotated[str, AfterValidator(_listens)]
"""Where something listens; "": nowhere."""
HostName = Annotated[str, AfterValidator(_is_host)]
"""A machine whose port is a setting of its own."""
ZoneName = Annotated[str, parsed_by(time_zone)]
LocalTime = Annotated[time, AfterValidator(_local)]
LocalHours = Annotated[str, parsed_by(day_part, or_blank=True)]
"""A part of the day (core/domain/day_parts.py); "": none."""
ZonedHours = Annotated[str, parsed_by(zoned_day_part, or_blank=True)]
"""The same with its time zone."""
SecondsOrNever = Annotated[float, Field(ge=0, le=86400), AfterValidator(_never_or_a_second)]
"""How often something is done; 0: never."""
Networks = Annotated[str, parsed_by(networks_of)]
"""Networks and addresses, separated by commas (core/domain/networks.py reads them); "": none."""
LogoText = Annotated[str, parsed_by(parse_logo)]
"""A picture as a data URL; "": none."""
MailBackend = Annotated[Literal["smtp", "console", "file"], BeforeValidator(_backend)]
WebAddress = Annotated[str, AfterValidator(_is_on_the_web)]
RoleName = Annotated[str, AfterValidator(_is_role)]
RoleNameOrEmpty = Annotated[str, AfterValidator(_is_role_or_empty)]

_WANTED: Final[Mapping[str, str]] = {
    "bool_parsing": "true or false",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "greater_than_equal": "at least {ge:.15g}",
    "greater_than": "more than {gt:.15g}",
    "less_than_equal": "at most {le:.15g}",
    "less_than": "less than {lt:.15g}",
    "literal_error": "{expected}",
    "time_parsing": "a time of day such as 07:00",
    "time_type": "a time of day such as 07:00",
    "dict_type": "a JSON object",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "text of the form {pattern}",
}


def fault(error: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors in plain words, without the value: it may be a secret."""
    if error["type"] == "extra_forbidden":
        return "there is nothing of that name"
    wanted = _WANTED.get(error["type"])
    if wanted is None:
        return str(error["msg"]).removeprefix("Value error, ")
    return f"{wanted.format(**error.get('ctx', {}))} is wanted"

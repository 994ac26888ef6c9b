"""The text of `.env.example`: every setting with its default and what it is for, taken from the blocks."""

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from core.runtime.collector_settings import DiscoverySettings, TrapSettings
from core.runtime.integration_settings import (
    HeartbeatSettings,
    HomeAssistantSettings,
    MetricsSettings,
)
from core.runtime.mail_settings import (
    IssueMailSettings,
    MailSettings,
    NoticeSettings,
    NotifySettings,
    OrderSettings,
    SummarySettings,
)
from core.runtime.setting_types import is_changeable
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    ProcessorSettings,
    RuleSettings,
    Settings,
    SnmpSettings,
)
from core.runtime.web_settings import (
    AccountSettings,
    DashboardSettings,
    OrganizationSettings,
    SignOnSettings,
    WebSettings,
)

BLOCKS: Final[tuple[type[Settings], ...]] = (
    CommonSettings,
    DatabaseSettings,
    MqttSettings,
    SnmpSettings,
    TrapSettings,
    DiscoverySettings,
    RuleSettings,
    ProcessorSettings,
    HistorySettings,
    WebSettings,
    DashboardSettings,
    SignOnSettings,
    MailSettings,
    SummarySettings,
    IssueMailSettings,
    NoticeSettings,
    NotifySettings,
    OrderSettings,
    OrganizationSettings,
    AccountSettings,
    HomeAssistantSettings,
    MetricsSettings,
    HeartbeatSettings,
)
"""Every block there is."""

_HEAD = """\
# Every setting with its default. Copy this file to .env, or set the variables in the environment, which wins.
# A file elsewhere is named by `printers --env-file FILE` or PRINTERS_ENV_FILE.
# An empty value counts as unset. A secret can also be read from a file: NAME_FILE=/run/secrets/name for NAME.
# What is commented out is changed on the page Settings or by `printers settings`; set here, it is locked.
# One NAME=value a line, comments on lines of their own. A value is taken as it is written; one with blanks at
# its ends, a #, ${...} or quotation marks goes into single quotes: SNMP_COMMUNITY='a ${b} #c'.
"""


def env_example() -> str:
    """Return the whole file; a variable that several blocks read is written once."""
    written: set[str] = set()
    return "\n".join([_HEAD, *(_section(block, written) for block in BLOCKS)])


@cache  # looking for one class reads and parses the whole module
def comments(block: type[BaseModel]) -> Mapping[str, str]:
    """Return what each field of a block (or a message) is for: the text below it in the source."""
    body = ast.parse(inspect.getsource(block)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 (the source of a class)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    found[field.target.id] = " ".join(text.split())
    return found


def _section(block: type[Settings], written: set[str]) -> str:
    fields = {name: field for name, field in block.model_fields.items() if name not in written}
    written |= set(fields)
    return "\n".join([f"# --- {inspect.getdoc(block)}", "", *_lines(comments(block), fields)])


def _lines(texts: Mapping[str, str], fields: dict[str, FieldInfo]) -> Iterator[str]:
    for name, field in fields.items():
        yield f"# {texts[name]}"
        mark = "#" if is_changeable(field) else ""
        yield f"{mark}{name.upper()}={as_written(field.default if field.default_factory is None else None)}"
        yield ""


def as_written(default: Any) -> str:
    """Return a value as it is written in a settings file."""
    if isinstance(default, bool):
        return str(default).lower()
    for kind, text in _TEXTS.items():
        if isinstance(default, kind):
            return text(default)
    return str(default)


_TEXTS: Final[Mapping[type, Callable[[Any], str]]] = {
    type(None): lambda _none: "",
    SecretStr: lambda secret: str(secret.get_secret_value()),
    time: lambda clock: str(clock.isoformat("seconds" if clock.second else "minutes")),
    dict: json.dumps,
    float: lambda number: f"{number:g}",
}
"""How the default of a kind of setting is written; others as Python does."""

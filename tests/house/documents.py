"""What stands in the documents: sentences, code blocks, and the commands in both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.runtime.settings_doc import BLOCKS
from tests.paths import ROOT

README: Final = ROOT / "README.md"
NO_COMMANDS: Final = {
    "printers --SNMP--> collector --MQTT--> processor": "a drawing",
    "python -m processor    ": "a drawing",
    "2026-11-29 07:31:05 WARNING dashboard:": "a line of the log",
    "server {": "nginx's configuration",
    "printers.example.org {": "Caddy's configuration",
    '-> {"schema_version":': "MQTT messages",
    "scrape_configs:": "Prometheus's configuration",
    "CREATE DATABASE printers": "InfluxDB 1's own language",
}
"""How the code blocks begin that hold neither commands nor settings of ours, and what they hold."""

_SETTINGS: Final = {name.upper() for block in BLOCKS for name in block.model_fields}
_ITEM: Final = re.compile(r"(?:[-*]|\d+\.) +")
_INLINE: Final = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_NAMED: Final = re.compile(r"printers(?: [a-z][a-z-]*)+")
"""A command of ours that a sentence names, perhaps without the arguments that it needs."""
_COMMAND: Final = re.compile(
    rf"(?!{_NAMED.pattern}$)"
    r"(?:printers|python3?|py|pip3?|uv|pytest|ruff|mypy|sudo|sh|git|docker|systemctl|journalctl|"
    r"mosquitto\w*|victoria-metrics|curl|influx|psql|pg_\w+|snmp\w+|openssl|"
    r"\S+\.ps1|\S+\\printers|(?:Get|Stop|Start)-\w+) [^/\s]"
)
"""How a piece of code in a sentence begins that is a command with arguments."""


@dataclass(frozen=True)
class Part:
    """A paragraph (or a table, a heading), or a code block; its lines are without their indentation."""

    lines: tuple[str, ...]
    is_block: bool

    @property
    def inline_code(self) -> list[str]:
        """The pieces of code in its sentences; a line break in one is a space."""
        return [] if self.is_block else [" ".join(each.split()) for each in _INLINE.findall(self.text)]

    @property
    def text(self) -> str:
        """Its lines as they stand there."""
        return "\n".join(self.lines)

    @property
    def holds_commands(self) -> bool:
        """Whether it is a code block that is neither known for something else nor sets settings alone."""
        names = [line.partition("=")[0].removesuffix("_FILE") for line in self.lines]
        return self.is_block and not self.text.startswith(tuple(NO_COMMANDS)) and not set(names) <= _SETTINGS


def documents() -> list[Path]:
    """Return every document of the project that is for people."""
    return [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def text_of(path: Path) -> str:
    """Return the text of a file, with a mark where it is not UTF-8."""
    return path.read_text(encoding="utf-8", errors="replace")


def parts_of(path: Path) -> Iterator[Part]:
    """Yield the parts of a document in their order.

    A code block is fenced, or stands behind a blank line and is indented by four columns more than the list
    item to which it belongs (CommonMark 4.4 and 5.2); a blank line within it makes two of it.
    """
    lines: list[str] = []
    is_block = fenced = False
    margin = 0
    for line in [*text_of(path).splitlines(), ""]:
        bare, depth = line.strip(), len(line) - len(line.lstrip())
        if (fence := bare.startswith("```")) or not bare:
            if lines:
                yield Part(tuple(lines), is_block)
            lines, fenced = [], fenced != fence
            is_block = fenced
            continue
        if not lines and not fenced:
            is_block = depth >= margin + 4
            margin = min(margin, depth) if not is_block else margin
        if not is_block and (item := _ITEM.match(line)):
            margin = item.end()
        lines.append(bare)


def code_of(path: Path) -> list[str]:
    """Return the lines of the code blocks and the pieces of code in the sentences of a document."""
    return [code for part in parts_of(path) for code in (part.lines if part.is_block else part.inline_code)]


def commands_in(part: Part) -> list[str]:
    """Return the commands of a part: code with arguments in its sentences, or the lines of a block.

    Each is in one line, without its comment. A backslash at the end of a line continues it, `&&` begins
    another command; changes of the folder are left out.
    """
    if not part.is_block:
        return list(filter(_COMMAND.match, part.inline_code))
    if not part.holds_commands:
        return []
    whole = re.sub(r"\s*\\\n", " ", part.text).splitlines()
    lines = [re.sub(r"(?:^|\s+)#.*", "", line) for line in whole]
    return [
        " ".join(each.split())
        for line in lines
        for each in line.split(" && ")
        if each and not each.startswith("cd ")
    ]


def commands_of(path: Path) -> list[str]:
    """Return the commands of a document in their order."""
    return [command for part in parts_of(path) for command in commands_in(part)]


def named_commands_of(path: Path) -> list[str]:
    """Return the commands of ours that the sentences of a document name, without any argument."""
    return [code for part in parts_of(path) for code in part.inline_code if _NAMED.fullmatch(code)]


def command_of(document: str, start: str) -> str:
    """Return the first command of a document that starts so, for the test that runs it."""
    return next(command for command in commands_of(ROOT / document) if command.startswith(start))

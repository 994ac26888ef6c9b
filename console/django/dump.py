"""What a Django application has written out: objects by model, references to others as words; pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fleet.errors import FleetError

Kind = Literal["printers", "issues", "other"]
Fields = Mapping[str, Any]

_ISSUE: Final = re.compile(r"issue|ticket|problem|fault|incident|report|repair|complaint")
_ABOUT_ISSUES: Final = re.compile(
    r"comment|note|history|event|status|type|category|attachment|photo|log|update"
)
_PRINTER: Final = re.compile(r"(network|snmp|campus|managed)?_?(printer|device|copier|mfp)s?")
_NAMING: Final = ("name", "title", "label", "username", "code", "slug", "email")
_COLUMNS_OF_ISSUES: Final = frozenset({"printer", "printer_id", "printer_name", "device", "asset"})


@dataclass(frozen=True)
class Record:
    """An object of a model, or a line of a CSV file."""

    model: str
    key: str
    """Its primary key, as text; of a CSV file the line."""
    fields: Fields


@dataclass(frozen=True)
class Dump:
    """A file's records."""

    records: tuple[Record, ...]

    def models(self) -> dict[str, list[Record]]:
        """By model."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            found.setdefault(record.model, []).append(record)
        return found

    def word_of(self, field: str, value: Any) -> str:
        """A field's value as words: what a foreign key points to is named, where the file has it."""
        if isinstance(value, list):  # a natural key, or many-to-many
            return " ".join(str(part) for part in value)
        if isinstance(value, int | str) and not isinstance(value, bool):
            for record in self._named(field):
                if record.key == str(value):
                    return name_of(record)
        return "" if value is None else str(value)

    def _named(self, field: str) -> Iterator[Record]:
        """The records that a field of this name can point to: `location` to app.location, people to users."""
        person = re.search(r"user|_by$|assigne|technician|owner|reporter|author|creator", field)
        bare = field.removesuffix("_id").replace("_", "")
        for record in self.records:
            model = record.model.rpartition(".")[2].replace("_", "")
            if model == bare or (person and model.endswith("user")):
                yield record


def name_of(record: Record) -> str:
    """What a person calls an object."""
    person = f"{record.fields.get('first_name') or ''} {record.fields.get('last_name') or ''}".strip()
    names = (str(record.fields[field]) for field in _NAMING if record.fields.get(field))
    return person or next(names, record.key)


def read_dump(data: bytes) -> Dump:
    """A `dumpdata` file (JSON or JSON lines) or CSV; raises FleetError where it is neither."""
    text = data.decode("utf-8-sig", "replace").strip()
    if text.startswith(("[", "{")):
        return Dump(tuple(_objects(_json(text))))
    return Dump(tuple(_lines(text)))


def kind_of(model: str, records: Sequence[Record]) -> Kind:
    """What a model holds, by its name; a CSV file by its columns."""
    name = model.rpartition(".")[2].lower()
    columns = {field.lower() for record in records[:1] for field in record.fields}
    if model == CSV:
        return "issues" if columns & _COLUMNS_OF_ISSUES and columns & set(TITLES) else "printers"
    if _ISSUE.search(name) and not _ABOUT_ISSUES.search(_ISSUE.sub("", name)):
        return "issues"
    return "printers" if _PRINTER.fullmatch(name) else "other"


CSV: Final = "CSV"
"""The model of what a CSV file holds."""
TITLES: Final = ("title", "subject", "summary", "headline", "short_description", "issue", "problem", "topic")
"""Fields that say in a line what an issue is about."""


def _json(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise FleetError(
                f"this is not JSON ({error}): `manage.py dumpdata` writes what is read here."
            ) from None
    return found if isinstance(found, list) else [found]


def _objects(found: Iterable[Any]) -> Iterator[Record]:
    for thing in found:
        if not isinstance(thing, dict) or not isinstance(thing.get("fields"), dict) or "model" not in thing:
            raise FleetError(
                "this JSON is no `dumpdata` output: objects with `model`, `pk` and `fields` are expected."
            )
        yield Record(str(thing["model"]).lower(), str(thing.get("pk", "")), thing["fields"])


def _lines(text: str) -> Iterator[Record]:
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(io.StringIO(text, newline=None), dialect=dialect)
    for line in _readable(reader):
        fields = {
            re.sub(r"\W+", "_", str(name).strip().lower()): value for name, value in line.items() if name
        }
        yield Record(CSV, str(fields.get("id") or fields.get("pk") or f"line {reader.line_num}"), fields)


def _readable(reader: "csv.DictReader[str]") -> Iterator[dict[str, Any]]:
    """The rows; what is no CSV is one sentence."""
    try:
        yield from reader
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise FleetError(f"this file is no CSV that can be read: {where}: {error}.") from error

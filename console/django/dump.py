"""Read what a Django application has written out: objects by model, references to others as words. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from core.contract.errors import UserError

Kind = Literal["printers", "issues", "comments", "users", "other"]
Fields = Mapping[str, Any]

ISSUE_WORDS: Final = "issue|ticket|problem|fault|incident|report|repair|complaint"
_ISSUE: Final = re.compile(ISSUE_WORDS)
_ABOUT_ISSUES: Final = re.compile(
    r"comment|note|history|event|status|type|category|attachment|photo|log|update|repl(y|ies)|message|remark"
)
_COMMENT: Final = re.compile(r"comment|note|repl(y|ies)|message|remark|update|follow_?up|log|history|event")
_PRINTER: Final = re.compile(r"(network|snmp|campus|managed)?_?(printer|device|copier|mfp)s?")
_USER: Final = re.compile(r"(\w*user|account|technician|employee|staff(member)?|member|person)")
_PEOPLE: Final = re.compile(r"user|_by$|assigne|technician|owner|reporter|author|creator")
_NAMING: Final = ("name", "title", "label", "username", "code", "slug", "email")
_COLUMNS_OF_ISSUES: Final = frozenset({"printer", "printer_id", "printer_name", "device", "asset"})
_SIGNS_IN: Final = frozenset({"password", "last_login", "is_superuser", "is_staff"})

CSV: Final = "CSV"
"""The model of what a CSV file holds."""
TITLES: Final = ("title", "subject", "summary", "headline", "short_description", "issue", "problem", "topic")
"""Fields that say in a line what an issue is about."""
TEXTS: Final = ("text", "body", "comment", "content", "message", "note", "notes", "description", "details")
"""Fields that hold what somebody wrote about an issue."""
OBJECT_KEYS: Final = ("object_pk", "object_id")
"""What a generic relation points to, beside its content_type."""


@dataclass(frozen=True)
class Record:
    """An object of a model, or a line of a CSV file."""

    model: str
    key: str
    """Its primary key, as text; of a CSV file the line."""
    fields: Fields

    @property
    def source(self) -> str:
        """How a person finds it: app.issue 17."""
        return f"{self.model} {self.key or name_of(self)}".strip()

    @property
    def bare_model(self) -> str:
        """The model's name without its application and underscores."""
        return _bare(self.model)


@dataclass(frozen=True)
class Dump:
    """A file's records."""

    records: tuple[Record, ...]
    _models_of_field: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)

    def models(self) -> dict[str, list[Record]]:
        """Return records by model."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            found.setdefault(record.model, []).append(record)
        return found

    def word_of(self, name: str, value: Any) -> str:
        """Return a field's value as words: what a foreign key points to is named, where the file has it."""
        record = self.target_of(name, value)
        if record is not None:
            return name_of(record)
        if isinstance(value, list):  # a natural key, or many-to-many
            return " ".join(str(part) for part in value)
        return "" if value is None else str(value)

    def target_of(self, name: str, value: Any) -> Record | None:
        """Return the object that a foreign key (the field `name`) points to, where the file has it."""
        if isinstance(value, bool) or not isinstance(value, int | str):
            return None
        if name not in self._models_of_field:
            self._models_of_field[name] = list(self._models_named(name))
        found = (self._by_key[model].get(str(value)) for model in self._models_of_field[name])
        return next((record for record in found if record is not None), None)

    def content_model(self, record: Record) -> str:
        """Return the bare name of the model that a generic relation points to; "" where there is none."""
        value = record.fields.get("content_type")
        if isinstance(value, list) and value:
            return str(value[-1]).lower().replace("_", "")
        kind = self._by_key.get("contenttypes.contenttype", {}).get(str(value))
        return str(kind.fields.get("model", "")).lower() if kind is not None else ""

    @cached_property
    def _by_key(self) -> dict[str, dict[str, Record]]:
        return {
            model: {record.key: record for record in reversed(records)}
            for model, records in self.models().items()
        }

    def _models_named(self, name: str) -> Iterator[str]:
        """Yield the models that a field can refer to: `location` to app.location, people to users."""
        person, bare = _PEOPLE.search(name), name.removesuffix("_id").replace("_", "")
        for model in self._by_key:
            if _bare(model) == bare or (person and _bare(model).endswith("user")):
                yield model


def name_of(record: Record) -> str:
    """Return what a person calls an object."""
    person = f"{record.fields.get('first_name') or ''} {record.fields.get('last_name') or ''}".strip()
    names = (str(record.fields[field]) for field in _NAMING if record.fields.get(field))
    return person or next(names, record.key)


def read_dump(data: bytes) -> Dump:
    """Return a `dumpdata` file (JSON or JSON lines) or CSV; raises UserError where it is neither."""
    text = data.decode("utf-8-sig", "replace").strip()
    if text.startswith(("[", "{")):
        return Dump(tuple(_objects(_json(text))))
    return Dump(tuple(_lines(text)))


def kind_of(model: str, records: Sequence[Record]) -> Kind:
    """Return what a model holds, by its name and its fields; a CSV file by its columns."""
    name = model.rpartition(".")[2].lower()
    columns = {field.lower() for record in records[:1] for field in record.fields}
    if model == CSV:
        return "issues" if columns & _COLUMNS_OF_ISSUES and columns & set(TITLES) else "printers"
    if _COMMENT.search(name) and columns & set(TEXTS) and _points_to_issue(columns):
        return "comments"
    if _ISSUE.search(name) and not _ABOUT_ISSUES.search(_ISSUE.sub("", name)):
        return "issues"
    if _USER.fullmatch(name) and ("username" in columns or ("email" in columns and columns & _SIGNS_IN)):
        return "users"
    return "printers" if _PRINTER.fullmatch(name) else "other"


def _points_to_issue(columns: Iterable[str]) -> bool:
    return any(_ISSUE.fullmatch(name.removesuffix("_id")) or name in OBJECT_KEYS for name in columns)


def _bare(model: str) -> str:
    return model.rpartition(".")[2].replace("_", "")


def _json(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        try:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise UserError(
                f"this is not JSON ({error}): `manage.py dumpdata` writes what is read here."
            ) from None
    return found if isinstance(found, list) else [found]


def _objects(found: Iterable[Any]) -> Iterator[Record]:
    for thing in found:
        if not isinstance(thing, dict) or not isinstance(thing.get("fields"), dict) or "model" not in thing:
            raise UserError(
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
    """Yield the rows; what is no CSV is one sentence."""
    try:
        yield from reader
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise UserError(f"this file is no CSV that can be read: {where}: {error}.") from error

"""The comments of the old application as lines of the timeline of their issue; pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from console.django.dump import ISSUE_WORDS, OBJECT_KEYS, TEXTS, Dump, Record
from console.django.values import time_of
from core.domain.text import lines

_ISSUE_FIELD: Final = re.compile(rf"({ISSUE_WORDS})(_id)?")
_AUTHORS: Final = (
    "author",
    "user",
    "created_by",
    "commenter",
    "written_by",
    "added_by",
    "owner",
    "user_name",
    "name",
)
_TIMES: Final = (
    "created_at", "created", "created_on", "date_created", "submit_date", "submitted_at", "posted_at",
    "added_at", "date", "timestamp", "updated_at",
)  # fmt: skip


@dataclass(frozen=True)
class DumpedComment:
    """A comment on an issue."""

    source: str
    issue: Record
    author: Any
    """The field's value, and ..."""
    author_field: str
    """... its name: the two point to a user."""
    text: str
    at: datetime | None


def by_key(issues: Iterable[Record]) -> dict[str, list[Record]]:
    """Return the issues by their primary key, which is unique only within a model."""
    found: dict[str, list[Record]] = {}
    for issue in issues:
        found.setdefault(issue.key, []).append(issue)
    return found


def comment_of(
    record: Record, dump: Dump, issues: Mapping[str, Sequence[Record]], notes: list[str]
) -> DumpedComment | None:
    """Return the comment; None where it has no text, or no issue that the file has."""
    text = next((str(record.fields[name]).strip() for name in TEXTS if record.fields.get(name)), "")
    text = lines(text)
    issue = _issue(record, dump, issues)
    if not text or issue is None:
        return None
    author = next((name for name in _AUTHORS if record.fields.get(name)), "")
    written = next((str(record.fields[name]) for name in _TIMES if record.fields.get(name)), "")
    return DumpedComment(
        record.source, issue, record.fields.get(author), author, text, time_of(written, notes)
    )


def _issue(record: Record, dump: Dump, issues: Mapping[str, Sequence[Record]]) -> Record | None:
    """Return the issue it is about: by a foreign key, or by a generic relation."""
    for name, value in record.fields.items():
        candidates = issues.get(str(value), ())
        if name in OBJECT_KEYS:
            model = dump.content_model(record)
        elif _ISSUE_FIELD.fullmatch(name.lower()):
            model = name.lower().removesuffix("_id")
        else:
            continue
        named = next((issue for issue in candidates if issue.bare_model == model), None)
        if named is not None:
            return named
        if name not in OBJECT_KEYS and len(candidates) == 1:
            return candidates[0]
    return None

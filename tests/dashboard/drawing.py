"""A page that AppTest has drawn, as tests look at it; and the college in trouble to draw."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from core.storage.database import reading
from core.storage.issues import issue_row
from dashboard.app_context import AppContext
from tests.dashboard.harness import open_college
from tests.dashboard.manager_fleet import trouble


@contextmanager
def troubled(folder: Path) -> Iterator[AppContext]:
    """A app context on the college in trouble."""
    st.cache_resource.clear()
    made = open_college(folder / "data", empty=True)
    trouble(made.engine)
    yield made
    made.engine.dispose()


def html_of(test: AppTest) -> str:
    """All HTML on the page, numbers and units with plain blanks between them."""
    found = (str(each.proto.body) for each in test.get("html") if isinstance(each, Html))
    return "\n".join(found).replace("\N{NO-BREAK SPACE}", " ")


def tables_of(test: AppTest) -> list[pd.DataFrame]:
    """The tables on the page, each cell as its text."""
    reader = _Tables()
    reader.feed(html_of(test))
    return [pd.DataFrame(rows[1:], columns=rows[0]) for rows in reader.tables]


class _Tables(HTMLParser):
    """Collects the cells of tables; the boxes that mark rows are none."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table" and ("class", "listed") in attrs:
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.tables and ("class", "mark") not in attrs:
            self._cell = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append("".join(self._cell).strip())
            self._cell = None


def said(test: AppTest) -> str:
    """What its colored boxes say, as a reader sees it."""
    boxes = (*test.success, *test.warning, *test.error, *test.info)
    return "\n".join(str(box.value).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ") for box in boxes)


def fine(test: AppTest) -> AppTest:
    """The page, which was drawn without a failure."""
    assert not test.exception
    return test


def stored_issue(app_context: AppContext, issue_id: int) -> Any:
    """The row of an issue."""
    with reading(app_context.engine) as connection:
        return issue_row(connection, issue_id)

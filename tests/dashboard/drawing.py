"""A page that AppTest has drawn, as tests look at it; and the college in trouble to draw."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
    """All HTML on the page."""
    return "\n".join(str(each.proto.body) for each in test.get("html") if isinstance(each, Html))


def said(test: AppTest) -> str:
    """What its coloured boxes say, as a reader sees it."""
    boxes = (*test.success, *test.warning, *test.error, *test.info)
    return "\n".join(str(box.value).replace("\\", "") for box in boxes)


def fine(test: AppTest) -> AppTest:
    """The page, which was drawn without a failure."""
    assert not test.exception
    return test


def stored_issue(app_context: AppContext, issue_id: int) -> Any:
    """The row of an issue."""
    with reading(app_context.engine) as connection:
        return issue_row(connection, issue_id)

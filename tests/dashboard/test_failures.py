"""What of a failure on a page goes to the log: what concerns who runs the system."""

import logging

import pytest
from sqlalchemy.exc import DataError

from core.contract.errors import BrokerError, Conflict, DatabaseError, UserError
from dashboard.ui.failures import show_failure
from dashboard.viewer import Forbidden


@pytest.mark.parametrize(
    ("error", "levels"),
    [
        (UserError("A password has at least 10 characters."), []),
        (Conflict("Somebody else changed it."), []),
        (Forbidden("This needs the role manager."), []),
        (DatabaseError("the database is away"), [logging.WARNING]),
        (BrokerError("the broker is away"), [logging.WARNING]),
        (DataError("INSERT", None, ValueError("a NUL in a text")), []),
        (ZeroDivisionError(), [logging.ERROR]),
    ],
)
def test_a_refused_entry_is_no_news_for_the_log(
    error: Exception, levels: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    assert show_failure(error)
    ours = [record.levelno for record in caplog.records if record.name == "dashboard.ui.failures"]
    assert ours == levels

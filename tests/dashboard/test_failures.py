"""What of a failure on a page goes to the log: what concerns who runs the system."""

import logging

import pytest

from dashboard.viewer import Forbidden
from dashboard.widgets.failures import show_failure
from fleet.errors import BrokerError, Conflict, DatabaseError, FleetError


@pytest.mark.parametrize(
    ("error", "levels"),
    [
        (FleetError("A password has at least 10 characters."), []),
        (Conflict("Somebody else changed it."), []),
        (Forbidden("This needs the role manager."), []),
        (DatabaseError("the database is away"), [logging.WARNING]),
        (BrokerError("the broker is away"), [logging.WARNING]),
        (ZeroDivisionError(), [logging.ERROR]),
    ],
)
def test_a_refused_entry_is_no_news_for_the_log(
    error: Exception, levels: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    assert show_failure(error)
    ours = [record.levelno for record in caplog.records if record.name == "dashboard.widgets.failures"]
    assert ours == levels

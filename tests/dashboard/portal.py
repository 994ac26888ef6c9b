"""What the tests of the portal share: a fleet with a hostile printer in it, and what a drawn page says."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from core.contract.messages import (
    Alert,
    Attention,
    Cover,
    Evidence,
    InputTray,
    PrinterState,
    Supply,
)
from core.storage.supply_tables import SupplyForecast
from tests.builders import printer, put, snapshot

SCRIPT: Final = "<script>alert(1)</script>"
FORMULA: Final = '=HYPERLINK("http://evil.example","x")'
MARKDOWN: Final = ":red[x] $y$ **z** [a](http://evil.example) :material/home: ![i](http://evil.example/i)"
LONG: Final = "endless " * 200


def hostile_state(printer_id: str, now: datetime) -> PrinterState:
    """A printer that says such things wherever it can say something."""
    flag = Attention(
        code="alert_critical",
        severity="critical",
        message=f"{SCRIPT} {MARKDOWN}",
        since_at=now - timedelta(minutes=5),
        evidence=(Evidence(object=SCRIPT, index="1", value=FORMULA),),
    )
    return PrinterState(
        printer_id=printer_id,
        taken_at=now,
        answered_at=now,
        stale_at=now + timedelta(minutes=10),
        reachable=True,
        state="stopped",
        severity="critical",
        attention=(flag,),
        alerts=(Alert(index="1.1", severity="critical", description=SCRIPT, group=MARKDOWN),),
        supplies=(
            Supply(
                index="1.1", description=SCRIPT, colorant=SCRIPT, level_percent=40, level_state="measured"
            ),
            Supply(index="1.2", description=LONG, level_state="some_remaining"),
        ),
        input_trays=(InputTray(index="1.1", name=SCRIPT, media_name=MARKDOWN),),
        covers=(Cover(index="1.1", description=SCRIPT, status=SCRIPT),),
        model=SCRIPT,
        console_text=f"{SCRIPT}\n{MARKDOWN}",
        system_name=SCRIPT,
        system_description=SCRIPT,
        system_location=FORMULA,
        serial_number=SCRIPT,
    )


def add_hostile(engine: Engine) -> None:
    """The printer `hostile`, in a place of that kind."""
    now = datetime.now(UTC)
    put(
        engine,
        printer("hostile", name=f"{SCRIPT} {MARKDOWN}", location=FORMULA, model=SCRIPT, notes=SCRIPT),
        snapshot("hostile", hostile_state("hostile", now), lowest_supply_percent=40),
    )


def forecast(printer_id: str, supply_index: str, **values: Any) -> SupplyForecast:
    """A row of the forecast."""
    return SupplyForecast(
        printer_id=printer_id, supply_index=supply_index, computed_at=datetime.now(UTC), **values
    )


def said(page: AppTest) -> str:
    """Everything a drawn page shows, as it is written: HTML, Markdown and text."""
    return "\n".join(_values(page, *_KINDS))


def html(page: AppTest) -> str:
    """Its HTML alone."""
    return "\n".join(_values(page, "html"))


_KINDS: Final = (
    "html",
    "markdown",
    "text",
    "title",
    "header",
    "subheader",
    "caption",
    "info",
    "warning",
    "error",
    "success",
)


def _values(page: AppTest, *kinds: str) -> list[str]:
    return [str(getattr(element, "value", "")) for kind in kinds for element in page.get(kind)]

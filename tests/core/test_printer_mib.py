"""The vocabulary: every object of the old application is asked for, by the MIB's own numbers."""

import subprocess
import sys

from core.contract.mib_names import ALERT_CODE, DETECTED_ERROR_BIT, OID, SUPPLY_TYPE
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES, RECEPTACLE_TYPES, name_of
from tests.paths import ROOT, SHARED, needs_shared

OLD_APPLICATION = {
    "hrPrinterStatus": "1.3.6.1.2.1.25.3.5.1.1",
    "hrPrinterDetectedErrorState": "1.3.6.1.2.1.25.3.5.1.2",
    "hrDeviceStatus": "1.3.6.1.2.1.25.3.2.1.5",
    "prtAlertSeverityLevel": "1.3.6.1.2.1.43.18.1.1.2",
    "prtAlertDescription": "1.3.6.1.2.1.43.18.1.1.8",
    "prtMarkerSuppliesDescription": "1.3.6.1.2.1.43.11.1.1.6",
    "prtMarkerSuppliesMaxCapacity": "1.3.6.1.2.1.43.11.1.1.8",
    "prtMarkerSuppliesLevel": "1.3.6.1.2.1.43.11.1.1.9",
}


def test_every_oid_of_the_old_application_is_read() -> None:
    assert OLD_APPLICATION.items() <= dict(COLUMN_OID).items()


def test_columns_that_are_often_mixed_up_are_right() -> None:
    assert OID["prtMarkerSuppliesClass"].endswith("43.11.1.1.4")
    assert OID["prtMarkerSuppliesType"].endswith("43.11.1.1.5")
    assert OID["prtMarkerLifeCount"] == "1.3.6.1.2.1.43.10.2.1.4"
    assert OID["prtAlertTrainingLevel"] == "1.3.6.1.2.1.43.18.1.1.3"
    assert OID["hrDeviceErrors"] == "1.3.6.1.2.1.25.3.2.1.6"


def test_no_object_is_asked_for_twice() -> None:
    names = [name for columns in POLL_TABLES.values() for name in columns]
    assert len(names) == len(set(names))


def test_names_are_the_mib_s_in_snake_case() -> None:
    assert SUPPLY_TYPE[4] == "waste_toner"
    assert SUPPLY_TYPE[21] == "toner_cartridge"
    assert DETECTED_ERROR_BIT[14] == "overdue_prevent_maint"
    assert ALERT_CODE[1107] == "marker_waste_toner_receptacle_almost_full"
    assert set(SUPPLY_TYPE.values()) >= RECEPTACLE_TYPES


def test_an_unknown_number_keeps_its_number() -> None:
    assert name_of(SUPPLY_TYPE, 123) == "code_123"
    assert name_of(SUPPLY_TYPE, None) is None


@needs_shared
def test_the_generated_names_are_those_of_the_mib_modules() -> None:
    script = ROOT / "scripts/generate_mib_names.py"
    made = subprocess.run(
        [sys.executable, script, SHARED / "mibs"], capture_output=True, text=True, check=True
    )
    assert made.stdout == (ROOT / "core/contract/mib_names.py").read_text(encoding="utf-8")

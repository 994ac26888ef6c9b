"""What the inventory says of a printer that was bought or leased: in words, and as files write it."""

from datetime import date, timedelta

import pytest

from core.domain.assets import ENDS, Asset, days_of
from core.domain.inventory.csv_file import read_inventory

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        (Asset(), ()),
        (Asset(warranty_until=date(2027, 3, 1)), ("Under warranty until 1 Mar 2027",)),
        (Asset(warranty_until=TODAY), ("Under warranty until 1 Dec 2026",)),
        (Asset(warranty_until=date(2026, 11, 30)), ("Warranty ended yesterday",)),
        (Asset(warranty_until=date(2026, 9, 1)), ("Warranty ended 3 months ago",)),
        (Asset(contract="Ricoh lease 4711"), ("Contract: Ricoh lease 4711",)),
        (
            Asset(contract="Ricoh lease 4711", contract_until=date(2027, 3, 1)),
            ("Contract: Ricoh lease 4711, until 1 Mar 2027",),
        ),
        (Asset(contract_until=date(2019, 3, 1)), ("Contract ended 7 years ago",)),
    ],
)
def test_warranty_and_contract_are_said_in_words(asset: Asset, words: tuple[str, ...]) -> None:
    assert asset.words(TODAY) == words


def test_its_age_is_told_with_the_day() -> None:
    assert Asset(in_use_since=date(2019, 3, 1)).age(TODAY) == "1 Mar 2019, for 7 years"
    assert Asset(in_use_since=TODAY).age(TODAY) == "1 Dec 2026"


def test_the_last_day_is_within_its_days_and_the_day_after_has_ended() -> None:
    asset = Asset(warranty_until=TODAY, contract_until=TODAY + timedelta(days=90))
    found = {ends: days is None or asset.ends_in(days) for ends in ENDS for days in [days_of(ends, TODAY)]}
    assert found == {"": True, "60d": True, "90d": True, "ended": False}
    ended = days_of("ended", TODAY + timedelta(days=1))
    assert ended is not None
    assert asset.ends_in(ended)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *((text, "2027-03-01") for text in ("2027-03-01", "2027-03-01 00:00:00", "2027-03-01T00:00:00Z")),
        *((text, "2027-03-01") for text in ("1 Mar 2027", "March 1, 2027", "01.03.2027", "2027/3/1")),
        *((text, "2027-12-31") for text in ("31/12/2027", "12/31/2027")),
        ("3/3/2027", "2027-03-03"),
        *((text, "") for text in ("", "n/a", "0000-00-00")),
    ],
)
def test_days_are_understood_as_files_write_them(written: str, day: str) -> None:
    (row,) = read_inventory(f'host,warranty end\n10.0.0.5,"{written}"\n'.encode()).rows
    assert row.values["warranty_until"] == day


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("3/1/2027", "warranty_until `3/1/2027` can be two days: write it as 2027-12-31"),
        *(
            (text, f"warranty_until `{text}` is no day from 1970 to 2100: write it as 2027-12-31")
            for text in ("2027-02-30", "36 months", "0201-01-01", "1 Foo 2027", "12/31/27")
        ),
    ],
)
def test_what_is_no_day_or_two_is_refused_in_a_sentence(written: str, reason: str) -> None:
    found = read_inventory(f"host,warranty end\n10.0.0.5,{written}\n".encode())
    assert [row.reason for row in found.refused] == [reason]


def test_the_columns_of_glpi_and_snipe_it_are_understood() -> None:
    glpi = read_inventory(
        b"Name;IP;Inventory number;Startup date;Warranty expiration date;Contract name;Lease end\n"
        b"Library;10.0.0.5;INV-7;2024-09-01;2027-08-31;Ricoh lease 4711;2028-01-31\n"
    )
    snipe = read_inventory(
        b"Asset Name,IP Address,Asset Tag,Purchased,Warranty,Warranty Expires\n"
        b"Library,10.0.0.5,INV-7,2024-09-01,36 months,2027-08-31\n"
    )
    common = {"asset_tag": "INV-7", "in_use_since": "2024-09-01", "warranty_until": "2027-08-31"}
    base = {"host": "10.0.0.5", "name": "Library"}
    contract = {"contract": "Ricoh lease 4711", "contract_until": "2028-01-31"}
    assert glpi.rows[0].values == {**base, **common, **contract}
    assert snipe.rows[0].values == {**base, **common}

"""Versions of firmware as printers tell them, and which of two is newer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.firmware import firmware_of, is_older, newest_of, version_of

BROTHER = "1.3.6.1.4.1.2435.2.3.9.1"
OKI = "1.3.6.1.4.1.2001.1.1.1.1"
SAMSUNG = "1.3.6.1.4.1.236.11.5.11.62.1"
HP = "1.3.6.1.4.1.11.2.3.9.1"


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("2.20", "2.20"),
        ("  01.21 ", "01.21"),
        ("2TP_S000.003.402", "2TP_S000.003.402"),
        ("LW80.PR.P241", "LW80.PR.P241"),
        ("Firmware Ver.1.33 (06.07.21)", "1.33"),
        ("Ver. ZA", "ZA"),
        ("V11.01.03.04", "11.01.03.04"),
        ("Verdi 3", "Verdi 3"),
        ("\x01\x1520220815", "20220815"),
        ("\u00fd\u00e82509515_000481", "2509515_000481"),
        ("/var/lib/jenkins/workspace/hp/build", None),
        ("unknown", None),
        ("-", None),
        ("7" * 41, None),
        ("", None),
        (None, None),
    ],
)
def test_a_version_is_what_is_left_without_labels_dates_and_symbol_sets(
    told: str | None, version: str | None
) -> None:
    assert version_of(told) == version


@pytest.mark.parametrize(
    ("description", "object_id", "version"),
    [
        ("Brother NC-8300h, Firmware Ver.1.14  (14.11.06),MID 8C5-F01,FID 2", BROTHER, "1.14"),
        ("Brother NC-9300w, Firmware Ver.R", BROTHER, "R"),
        (
            "OKI OkiLAN 9450g Rev.00.69 10/100/1000BASE Ethernet PrintServer: Attached to MC873 Rev.07.87 : "
            "Copyright (c) 2015 Oki Data Corporation. All rights reserved.",
            OKI,
            "07.87",
        ),
        ("OKI OkiLAN 8100e Rev.03.12 10/100BASE Ethernet PrintServer", OKI, None),
        ("Samsung M4080FX; V11.01.03.04_02-27-2017;Engine V1.00.06 01-19-2017_V1.00", SAMSUNG, "11.01.03.04"),
        ("HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD149", HP, None),
        ("Brother NC-8300h, Firmware Ver.1.14", HP, None),
        ("Brother NC-8300h, Firmware Ver.1.14", None, None),
    ],
)
def test_a_description_tells_it_where_the_maker_s_habit_is_known(
    description: str, object_id: str | None, version: str | None
) -> None:
    assert firmware_of([], description, object_id) == version


def test_the_maker_s_own_object_counts_more_than_the_description() -> None:
    description = "Brother NC-8300h, Firmware Ver.1.14"
    assert firmware_of(["1.17"], description, BROTHER) == "1.17"
    assert firmware_of([None, ""], description, BROTHER) == "1.14"
    assert firmware_of(["/a/path", "20240221"], None, HP) == "20240221"


@given(st.lists(st.none() | st.text()), st.none() | st.text(), st.none() | st.sampled_from((BROTHER, OKI)))
def test_whatever_is_told_the_version_is_short_and_plain_or_none(
    told: list[str | None], description: str | None, object_id: str | None
) -> None:
    found = firmware_of(told, description, object_id)
    assert found is None or (0 < len(found) <= 40 and found.isascii() and found.isprintable())


@given(
    st.binary(max_size=300),
    st.sampled_from(("Brother X, Firmware Ver.", "Samsung X; V", "Attached to X Rev.")),
)
def test_no_octets_of_a_printer_stop_it(octets: bytes, head: str) -> None:
    text = head + octets.decode("latin-1")
    for object_id in (BROTHER, OKI, SAMSUNG):
        firmware_of([octets.decode("latin-1")], text, object_id)


def test_numbers_with_dots_are_compared_number_by_number() -> None:
    assert newest_of(["1.9", "1.10", "1.2.3"]) == "1.10"
    assert is_older("1.9", "1.10")
    assert not is_older("1.10", "1.10")
    assert not is_older("1.10.0", "1.10")


@pytest.mark.parametrize("other", ["2TP_S000.003.402", "R", "20240115", "2509515_000481", "1.2b"])
def test_no_order_is_claimed_where_one_of_them_is_no_such_number(other: str) -> None:
    assert newest_of(["1.9", other]) is None
    assert not is_older("1.9", None)


@given(st.lists(st.text(alphabet="0123456789.ab_")))
def test_the_newest_is_one_of_them_and_none_is_newer(versions: list[str]) -> None:
    newest = newest_of(versions)
    if newest is not None:
        assert newest in versions
        assert not any(is_older(newest, version) for version in versions)

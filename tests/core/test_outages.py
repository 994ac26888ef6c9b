"""When printers that do not answer are an outage, and of what: by place, by site, from when to when."""

import pytest

from core.domain.outages import (
    Extent,
    Group,
    Located,
    begins,
    find_outages,
    is_own_title,
    lasts,
    outages_that_last,
    sites_around,
    smallest,
)

CHEMISTRY = Located("Chemistry, lab 1", "main")
LIBRARY = Located("Library, desk", "main")
NOWHERE = Located("", "main")
PLACE, SITE = Group("place", "Chemistry"), Group("site", "main")


@pytest.mark.parametrize(
    ("silent", "printers", "expected"),
    [(2, 2, False), (3, 3, True), (3, 5, True), (3, 6, False), (16, 26, True), (15, 26, False)],
)
def test_three_printers_and_most_of_a_place_are_an_outage(silent: int, printers: int, expected: bool) -> None:
    assert begins(Extent(silent, printers)) is expected


@pytest.mark.parametrize(
    ("silent", "printers", "expected"), [(2, 3, True), (1, 3, False), (8, 26, True), (7, 26, False)]
)
def test_it_ends_when_half_of_what_began_it_is_back(silent: int, printers: int, expected: bool) -> None:
    assert lasts(Extent(silent, printers)) is expected


def test_one_place_alone_is_no_outage_of_its_site() -> None:
    sizes = {PLACE: 4, SITE: 4}
    assert find_outages([CHEMISTRY] * 4, sizes) == {PLACE: Extent(4, 4)}


def test_a_site_has_one_where_several_places_are_silent() -> None:
    sizes = {PLACE: 4, Group("place", "Library"): 2, SITE: 6}
    found = find_outages([CHEMISTRY] * 4 + [LIBRARY], sizes)
    assert found == {PLACE: Extent(4, 4), SITE: Extent(5, 6)}
    assert sites_around([CHEMISTRY] * 4 + [LIBRARY], found) == {PLACE: SITE}
    assert smallest(CHEMISTRY, found) == PLACE
    assert smallest(LIBRARY, found) == SITE


def test_printers_without_a_location_have_their_site_in_common() -> None:
    assert find_outages([NOWHERE] * 3, {SITE: 4}) == {SITE: Extent(3, 4)}


def test_places_of_two_sites_are_of_neither() -> None:
    elsewhere = Located("Chemistry, lab 2", "annex")
    silent = [CHEMISTRY, CHEMISTRY, CHEMISTRY, elsewhere]
    sizes = {PLACE: 4, SITE: 3, Group("site", "annex"): 1}
    found = find_outages(silent, sizes)
    assert found[PLACE] == Extent(4, 4)
    assert sites_around(silent, found) == {}


@pytest.mark.parametrize(
    ("silent", "quiet", "in_service", "expected"),
    [
        (0, 5, 0, Extent(5, 5)),
        (0, 4, 1, Extent(4, 5)),
        (2, 3, 2, Extent(2, 2)),
        (1, 5, 5, Extent(6, 10)),
        (0, 1, 4, None),
        (1, 1, 8, None),
    ],
)
def test_to_take_silent_printers_out_of_service_ends_nothing(
    silent: int, quiet: int, in_service: int, expected: Extent | None
) -> None:
    sizes = {PLACE: in_service, SITE: in_service}
    found = outages_that_last([CHEMISTRY] * silent, [CHEMISTRY] * quiet, sizes, {PLACE})
    assert found == ({PLACE: expected} if expected else {})


def test_printers_out_of_service_begin_no_outage() -> None:
    assert outages_that_last([CHEMISTRY] * 2, [CHEMISTRY] * 5, {PLACE: 9, SITE: 9}, ()) == {}


def test_its_title_tells_the_numbers_and_is_known_from_what_a_person_wrote() -> None:
    assert Extent(26, 26).title(PLACE) == "Chemistry: 26 of 26 printers do not answer"
    assert Extent(4, 1200).title(SITE) == "Site main: 4 of 1,200 printers do not answer"
    assert is_own_title("Chemistry: 3 of 26 printers do not answer", PLACE)
    assert not is_own_title("Chemistry: power cut, electrician comes at two", PLACE)

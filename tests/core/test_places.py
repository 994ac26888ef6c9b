"""Locations split into places: the same for whoever asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.places import is_inside, named, not_in_the_name, parts_of, place_of, places_around, within

LOCATIONS = st.text("ab, ", max_size=12)


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("Library, floor 2, copy room", ("Library", "floor 2", "copy room")),
        ("Library,floor 2 ,", ("Library", "floor 2")),
        (" , Library", ("Library",)),
        ("Room 12", ("Room 12",)),
        ("", ()),
        (" , ,", ()),
    ],
)
def test_a_location_has_the_parts_between_its_commas(location: str, parts: tuple[str, ...]) -> None:
    assert parts_of(location) == parts


def test_a_place_holds_what_lies_in_it_and_nothing_that_only_begins_like_it() -> None:
    assert is_inside("Library, floor 2", "Library")
    assert is_inside("Library,floor 2", "Library, floor 2")
    assert not is_inside("Library Annex", "Library")
    assert not is_inside("Library, floor 21", "Library, floor 2")
    assert not is_inside("Library", "Library, floor 2")
    assert is_inside("", "")
    assert not is_inside("", "Library")


def test_a_location_is_told_without_the_place_around_it() -> None:
    assert within("Library, floor 2, copy room", "Library") == "floor 2, copy room"
    assert within("Library", "Library") == ""
    assert within("Gym", "Library") == "Gym"


@given(LOCATIONS)
def test_a_location_lies_in_each_place_around_it_the_outermost_first(location: str) -> None:
    around = list(places_around(location))
    assert around[:1] == ([place_of(location)] if place_of(location) else [])
    assert [len(parts_of(place)) for place in around] == list(range(1, len(parts_of(location)) + 1))
    assert all(is_inside(location, place) for place in around)
    assert parts_of(named(parts_of(location))) == parts_of(location)


@given(LOCATIONS, LOCATIONS)
def test_what_lies_in_a_place_has_it_among_the_places_around_it(location: str, place: str) -> None:
    expected = not parts_of(place) or named(parts_of(place)) in set(places_around(location))
    assert is_inside(location, place) == expected
    if is_inside(location, place):
        inner = parts_of(within(location, place))
        assert parts_of(location) == (*parts_of(place), *inner)


@pytest.mark.parametrize(
    ("location", "name", "shown"),
    [
        ("Library, floor 2, desk", "Library 12", "floor 2, desk"),
        ("Library, floor 2", "library FLOOR 2 color", ""),
        ("Library, floor 2", "Librarian", "Library, floor 2"),
        ("", "Library 12", ""),
        ("floor 2, Library", "Library 12", "floor 2, Library"),
    ],
)
def test_what_the_name_tells_of_a_place_is_left_out(location: str, name: str, shown: str) -> None:
    assert not_in_the_name(location, name) == shown

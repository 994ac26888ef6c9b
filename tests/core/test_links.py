"""Tokens open what they were made for and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain.links import (
    Follower,
    Links,
    follow_token,
    follower_of_token,
    joined_token,
    unsubscribe_token,
    user_of_token,
)

KEY = b"a key of this test"


@given(st.integers(min_value=1, max_value=10**12))
def test_a_follow_token_names_its_issue(issue_id: int) -> None:
    assert follower_of_token((KEY,), follow_token(KEY, issue_id)) == Follower(issue_id, reported=True)


def test_who_has_the_same_problem_follows_by_another_kind_of_token() -> None:
    assert follower_of_token((KEY,), joined_token(KEY, 7)) == Follower(7, reported=False)
    assert joined_token(KEY, 7) != follow_token(KEY, 7)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_an_unsubscribe_token_names_its_user(name: str) -> None:
    assert user_of_token((KEY,), unsubscribe_token(KEY, name)) == name


@given(st.text())
def test_an_invented_token_opens_nothing(token: str) -> None:
    assert follower_of_token((KEY,), token) is None
    assert user_of_token((KEY,), token) is None


def test_a_token_of_another_key_or_purpose_opens_nothing() -> None:
    assert follower_of_token((b"another key",), follow_token(KEY, 7)) is None
    assert follower_of_token((KEY,), unsubscribe_token(KEY, "7")) is None
    assert user_of_token((KEY,), follow_token(KEY, 7)) is None


def test_a_changed_token_opens_nothing() -> None:
    token = follow_token(KEY, 7)
    for position in range(len(token)):
        other = "A" if token[position] != "A" else "B"
        assert follower_of_token((KEY,), token[:position] + other + token[position + 1 :]) is None
    assert follower_of_token((KEY,), token + "=") is None


def test_links_begin_with_the_dashboards_address_however_it_is_written() -> None:
    links = Links("https://print.example.edu/", KEY)
    assert links.issue(7) == "https://print.example.edu/issue?id=7"
    assert links.printer("lib-1") == "https://print.example.edu/printer?id=lib-1"
    assert links.follow(7).startswith("https://print.example.edu/follow?token=")
    assert links.home == "https://print.example.edu/"

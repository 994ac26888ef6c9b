"""The vendor's case of an issue in words: who has it, when they come, and that they did not."""

from datetime import date

import pytest

from core.domain.vendor_cases import VendorCase

TODAY = date(2026, 11, 30)
SOON = date(2026, 12, 2)
PAST = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (VendorCase("Ricoh", "12345", PAST, SOON), "With Ricoh, case 12345, visit Wed 2 Dec"),
        (VendorCase("Ricoh", "12345", PAST, TODAY), "With Ricoh, case 12345, visit Mon 30 Nov"),
        (VendorCase("Ricoh", "12345", PAST, PAST), "With Ricoh, case 12345, visit was due Fri 27 Nov"),
        (VendorCase("Ricoh"), "With Ricoh"),
        (VendorCase("Ricoh", "12345", PAST, PAST, is_over=True), "Ricoh, case 12345"),
    ],
)
def test_a_case_is_told_in_one_line(case: VendorCase, words: str) -> None:
    assert case.words(TODAY) == words


def test_a_visit_is_overdue_from_the_day_after_it_until_the_issue_has_ended() -> None:
    assert VendorCase("Ricoh", visit_on=PAST).is_overdue(TODAY)
    assert not VendorCase("Ricoh", visit_on=TODAY).is_overdue(TODAY)
    assert not VendorCase("Ricoh", visit_on=PAST, is_over=True).is_overdue(TODAY)
    assert not VendorCase("Ricoh").is_overdue(TODAY)


def test_everybody_learns_that_somebody_is_to_come_and_neither_who_nor_the_number() -> None:
    case = VendorCase("Ricoh", "12345", PAST, SOON).for_everybody()
    assert case.words(TODAY) == "With a service company, visit Wed 2 Dec"


def test_the_vendor_is_told_the_number_first_and_the_days_with_their_year() -> None:
    case = VendorCase("Ricoh", "12345", PAST, SOON)
    assert case.for_vendor() == "case 12345 of Ricoh, opened 27 Nov 2026, visit 2 Dec 2026"
    assert VendorCase("Ricoh", visit_on=PAST, is_over=True).for_vendor() == "with Ricoh"

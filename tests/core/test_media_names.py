"""What paper is called: one name for one kind of paper, whichever way a printer says it."""

import pytest

from core.domain.media_names import media_name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("A4", ["iso_a4_210x297mm", "iso-a4-white", "iso-a4", "A4", "a4", "A4 Plain", "Plain A4", "A4R"]),
        ("A4", ["A4 (210x297mm)", "A4, Plain Paper", "210 x 297 mm", "DIN A4"]),
        ("A4", ["A4 Normalpapier", "A4 - stationery"]),
        ("Letter", ["na_letter_8.5x11in", "na-letter-white", "Letter", "LETTER", "LTR", "Letter (8.5x11)"]),
        ("Letter", ['8.5" x 11"', "LETTER, PLAIN"]),
        ("Ledger", ["na_ledger_11x17in", "Tabloid", "11x17", "ledger-white"]),
        ("Statement", ["na_invoice_5.5x8.5in", "invoice-white", "Statement"]),
        ("B5", ["iso_b5_176x250mm", "iso-b5-white"]),
        ("JIS B5", ["jis_b5_182x257mm", "jis-b5-white"]),
        ("Plain", ["Plain", "PLAIN", "plain", "Plain Paper", "stationery", "Stationery"]),
        ("Plain", ["Normalpapier", "Papier ordinaire", "Papel común", "Carta comune", "普通紙", "Standard"]),
        ("Plain", ["Plain media", " plain  paper "]),
        ("Recycled", ["Recycled", "stationery-recycled", "RECYCLED PAPER", "Recyclingpapier"]),
        ("Letterhead", ["stationery-letterhead", "Letterhead", "LETTERHEAD", "Briefkopf"]),
        ("Letter, recycled", ["Letter Recycled", "Recycled Letter", "na-letter-recycled"]),
        ("Letter, letterhead", ["Letter Letterhead", "Letterhead, Letter"]),
        ("Transparency", ["transparency", "Transparency", "TRANSPARENCY"]),
        ("Coated", ["stationery-coated", "Coated", "coated paper"]),
        ("Bond", ["custom_bond", "BOND"]),
        ("", ["", None, "Any", "any type", "UNKNOWN", "other", "none", "Paper"]),
    ],
)  # fmt: skip
def test_one_paper_has_one_name(name: str, told: list[str | None]) -> None:
    assert {each: media_name(each) for each in told} == dict.fromkeys(told, name)


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("om_folio_210x330mm", "Folio, 210 x 330 mm"),
        ("custom_a4_100x100mm", "A4, 100 x 100 mm"),
        ("custom_pay-slip_99.5x210mm", "Pay slip, 99.5 x 210 mm"),
        ("HP EcoFFICIENT", "HP EcoFFICIENT"),
        ("Plain 2", "Plain 2"),
        ("90-105 g", "90 105 g"),
        ("Etiketten", "Etiketten"),
        ("iso_a4_", "A4"),
        ("x" * 400, "X" + "x" * 399),
    ],
)
def test_what_is_in_no_list_stays_as_its_printer_says_it(told: str, name: str) -> None:
    assert media_name(told) == name


def test_names_of_different_paper_stay_apart() -> None:
    told = ["A4", "A3", "Letter", "Letterhead", "Recycled", "Plain", "jis_b5_182x257mm", "iso_b5_176x250mm"]
    assert len({media_name(each) for each in told}) == len(told)

"""The organization's logo: PNG and JPEG as they come, everything else in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.logos import MOST_OCTETS, parse_logo, read_logo
from tests.pictures import jpeg, png


@pytest.mark.parametrize(("octets", "kind"), [(png(), "png"), (jpeg(), "jpeg")])
def test_a_picture_is_taken_and_comes_back_from_its_text(octets: bytes, kind: str) -> None:
    logo = read_logo(octets)
    assert (logo.kind, logo.media_type, logo.width, logo.height) == (kind, f"image/{kind}", 120, 40)
    assert parse_logo(logo.as_text()) == logo
    assert str(logo).startswith(f"{kind.upper()} picture, 120 x 40, ")


def test_no_text_is_no_logo() -> None:
    assert parse_logo("") is None


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG pictures can hold scripts"),
        (b"GIF89a", "no PNG or JPEG picture"),
        (b"", "no PNG or JPEG picture"),
        (png(filling=MOST_OCTETS), "at most 200 kB are possible"),
        (png(5000, 1), "the picture is 5000 x 1: at most 4000 x 4000"),
        (jpeg(0, 40), "the picture is 0 x 40"),
        (png()[:-3], "the PNG picture is damaged"),
        (jpeg()[:-3], "the JPEG picture is damaged"),
        (b"\xff\xd8\xff\xd9", "the JPEG picture is damaged"),
    ],
)
def test_what_cannot_be_the_logo_is_one_sentence(octets: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_logo(octets)


@pytest.mark.parametrize("text", ["logo.png", "data:image/png;base64,%%%", "data:image/png,abc"])
def test_a_text_that_holds_no_picture_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="data:image/png;base64"):
        parse_logo(text)


@given(st.binary(max_size=200).map(lambda tail: b"\xff\xd8\xff" + tail) | st.binary(max_size=60))
def test_whatever_octets_come_there_is_a_picture_or_a_sentence(octets: bytes) -> None:
    try:
        assert read_logo(octets).width > 0
    except ValueError as refused:
        assert "\n" not in str(refused)

"""What becomes of a file that was sent as a photo: small, upright, without metadata; or one sentence."""

import io
from typing import Final

import pytest
from PIL import Image

from dashboard.features.photos.images import (
    LARGEST_BYTES,
    LONGEST_SIDE,
    THUMBNAIL_SIDE,
    UnusablePhoto,
    make_photo,
)
from tests.dashboard.pictures import SECRET, heic, moving_gif, noise, phone_photo, picture, png_bomb

UNREADABLE: Final = "no photo that can be read"


def opened(encoded: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(encoded))
    image.load()
    assert image.format == "JPEG"
    return image


def is_reddish(color: object) -> bool:
    return isinstance(color, tuple) and color[0] > 200 and color[2] < 60


def test_a_phones_photo_stands_upright_and_has_lost_its_metadata() -> None:
    photo = make_photo(phone_photo())
    image = opened(photo.image)
    assert image.size == (900, 1200)
    assert is_reddish(image.getpixel((450, 10)))
    assert not is_reddish(image.getpixel((450, 1190)))
    assert (dict(image.getexif()), image.info.get("comment")) == ({}, None)
    assert SECRET not in photo.image + photo.thumbnail
    assert max(opened(photo.thumbnail).size) == THUMBNAIL_SIDE


def test_a_large_photo_is_made_smaller() -> None:
    assert opened(make_photo(phone_photo(6000, 4000)).image).size == (1365, LONGEST_SIDE)


@pytest.mark.parametrize("size", [(2048, 2048), (1600, 900)])
def test_whatever_is_on_it_a_photo_has_at_most_500_kilobytes(size: tuple[int, int]) -> None:
    photo = make_photo(noise(*size))
    assert len(photo.image) <= LARGEST_BYTES
    assert len(photo.thumbnail) < 100_000
    opened(photo.image)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("GIF", mode) for mode in ("L", "P")),
    ],
)
def test_every_way_of_writing_colors_can_be_read(kind: str, mode: str) -> None:
    assert opened(make_photo(picture(kind, mode)).image).mode == "RGB"


def test_what_is_transparent_is_white() -> None:
    image = opened(make_photo(picture("PNG", "RGBA")).image)
    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_a_phones_jpeg_with_a_second_picture_in_it_is_a_photo() -> None:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(
        made, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), "blue")]
    )
    assert is_reddish(opened(make_photo(made.getvalue()).image).getpixel((5, 5)))


def test_of_moving_pictures_the_first_is_taken() -> None:
    image = opened(make_photo(moving_gif()).image)
    assert is_reddish(image.getpixel((20, 15)))
    assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("side", [7_000, 12_000, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(UnusablePhoto, match="at most 40 megapixels"):
        make_photo(png_bomb(side))


def test_what_else_a_file_is_does_not_survive() -> None:
    script = b"<script>alert(1)</script><?php system($_GET['x']);"
    photo = make_photo(phone_photo() + b"PK\x03\x04" + script)
    assert b"script" not in photo.image
    assert b"PK\x03\x04" not in photo.image[-100:]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7 ...",
        phone_photo()[:2000],
        picture("PNG")[:60],
        moving_gif()[:40],
        picture("PNG")[:-20] + bytes(20),
        picture("BMP"),
        picture("WEBP"),
        picture("TIFF"),
    ],
)
def test_what_is_no_photo_or_not_a_whole_one_is_one_sentence(sent: bytes) -> None:
    with pytest.raises(UnusablePhoto, match=UNREADABLE) as caught:
        make_photo(sent)
    assert "\n" not in str(caught.value)


def test_a_heic_photo_is_told_what_to_do() -> None:
    with pytest.raises(UnusablePhoto, match="Most compatible"):
        make_photo(heic())

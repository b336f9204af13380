"""Whatever colour a merchant likes, what is written in it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_paylink.colours import BLACK, READABLE, WHITE, Colour

parts = st.integers(0, 255)
colours = st.builds(Colour, parts, parts, parts)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#7c3aed", Colour(124, 58, 237)),
        ("#7C3AED", Colour(124, 58, 237)),
        ("#73e", Colour(119, 51, 238)),
    ],
)
def test_a_colour_is_read_as_style_sheets_write_it(text: str, colour: Colour) -> None:
    assert Colour.read(text) == colour


@pytest.mark.parametrize("text", ["", "7c3aed", "#7c3ae", "#7c3aedff", "red", "#٧٣٣", "#fff;}"])
def test_anything_else_is_no_colour(text: str) -> None:
    with pytest.raises(ValueError, match="no colour"):
        Colour.read(text)


def test_contrast_is_that_of_wcag() -> None:
    assert WHITE.contrast(BLACK) == pytest.approx(21)
    assert WHITE.contrast(WHITE) == pytest.approx(1)
    assert Colour.read("#777777").contrast(WHITE) == pytest.approx(4.48, abs=0.005)


@given(colours)
def test_letters_on_any_colour_can_be_read(colour: Colour) -> None:
    assert colour.lettering.contrast(colour) >= READABLE


@given(colours, colours)
def test_any_colour_is_made_readable_on_any_ground(colour: Colour, ground: Colour) -> None:
    assert colour.readable_on(ground).contrast(ground) >= READABLE


@given(colours, colours)
def test_a_colour_that_can_be_read_is_left_as_it_is(colour: Colour, ground: Colour) -> None:
    if colour.contrast(ground) >= READABLE:
        assert colour.readable_on(ground) == colour


def test_it_stays_as_near_to_the_merchants_as_it_can() -> None:
    assert str(Colour.read("#ffd400").readable_on(WHITE)) == "#8c7500"
    assert str(Colour.read("#001a33").readable_on(BLACK)) == "#697887"

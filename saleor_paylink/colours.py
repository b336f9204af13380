"""Colours that can be read: a merchant's, and what has to be made of it.

Contrast is that of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import re
from dataclasses import dataclass

# Success criterion 1.4.3, for text of any size.
READABLE = 4.5
_FORM = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_STEPS = 100


@dataclass(frozen=True)
class Colour:
    """An sRGB colour; each part from 0 to 255."""

    red: int
    green: int
    blue: int

    @classmethod
    def read(cls, text: str) -> "Colour":
        """The colour of "#7c3aed" or "#73e". Raises ValueError for anything else."""
        if not _FORM.fullmatch(text):
            raise ValueError("This is no colour.")
        digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
        return cls(*bytes.fromhex(digits))

    def __str__(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """From 0 (black) to 1 (white)."""
        red, green, blue = map(_linear, (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, other: "Colour") -> float:
        """From 1 (none) to 21."""
        dark, light = sorted((self.luminance, other.luminance))
        return (light + 0.05) / (dark + 0.05)

    @property
    def lettering(self) -> "Colour":
        """Black or white, whichever is read better on it: one of them always is READABLE."""
        return max((WHITE, BLACK), key=self.contrast)

    def readable_on(self, ground: "Colour") -> "Colour":
        """The colour itself, or the nearest to it towards black or white that is READABLE there."""
        goal = ground.lettering
        shades = (self._towards(goal, step / _STEPS) for step in range(_STEPS + 1))
        return next((each for each in shades if each.contrast(ground) >= READABLE), goal)

    def _towards(self, goal: "Colour", part: float) -> "Colour":
        pairs = ((self.red, goal.red), (self.green, goal.green), (self.blue, goal.blue))
        return Colour(*(round(here + (there - here) * part) for here, there in pairs))


WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

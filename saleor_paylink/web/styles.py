"""The pages' style sheet. It is written into each page, so that the first view needs no other
request."""

import re
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe

from saleor_paylink.colours import Colour

_SHEET = (Path(__file__).parent / "assets" / "pages.css").read_text()
# As pages.css has them: what lies under the words, light and dark. The harder one of ground and
# card is looked at.
LIGHT, DARK = Colour.read("#f4f4f5"), Colour.read("#1b1b1f")
# Where there is no brand colour, ink is the accent.
INK, CHALK = Colour.read("#18181b"), Colour.read("#f4f4f5")


@lru_cache(maxsize=64)
def sheet_for(colour: Colour | None) -> SafeString:
    """The style sheet in a merchant's colour: that very colour for the button, with black or
    white words on it, and what can be read of it for all else."""
    light = _variables(colour or INK, colour.readable_on(LIGHT) if colour else INK)
    dark = _variables(colour or CHALK, colour.readable_on(DARK) if colour else CHALK)
    themed = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
    return mark_safe(_squeezed(_SHEET) + themed)  # noqa: S308


def source_of(sheet: str) -> str:
    """What a Content-Security-Policy calls this very sheet. By its hash and not by a nonce,
    because pages that must not be told apart would differ by that."""
    return f"'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'"


def _variables(fill: Colour, accent: Colour) -> str:
    return f"--fill:{fill};--on-fill:{fill.lettering};--accent:{accent}"


def _squeezed(sheet: str) -> str:
    """Without comments, and blanks that nothing needs."""
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"/\*.*?\*/|\n\s*", "", sheet, flags=re.S))

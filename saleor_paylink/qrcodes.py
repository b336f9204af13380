"""URLs to be scanned from a screen or from paper."""

import segno

# Pixels to a module, where whoever shows the picture does not size it.
SCALE = 4


def qr_code(url: str) -> str:
    """A QR code of `url`: an SVG as a data URI, dark on light whatever lies behind it."""
    # What a fold or a stain takes away of it, about a seventh, can be read all the same.
    code = segno.make_qr(url, error="m")
    uri: str = code.svg_data_uri(scale=SCALE, dark="#000", light="#fff", svgclass=None)
    return uri

"""A QR code leads whoever scans it to the URL."""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import zxingcpp

from saleor_paylink.qrcodes import SCALE, qr_code

URL = "https://shop.example/plugins/channel/default-channel/saleor.paylink/pay/" + "aB3_-" * 8 + "/"
START = "data:image/svg+xml;charset=utf-8,"
SVG = "{http://www.w3.org/2000/svg}"


def scanned(uri: str) -> str:
    """What a reader, that knows nothing of how it was drawn, makes of the picture."""
    picture = ElementTree.fromstring(unquote(uri.removeprefix(START)))
    size = int(picture.attrib["width"]) // SCALE
    pixels = bytearray(b"\xff" * (size * SCALE) ** 2)
    for row, column in modules(picture):
        for y in range(row * SCALE, (row + 1) * SCALE):
            start = y * size * SCALE + column * SCALE
            pixels[start : start + SCALE] = b"\x00" * SCALE
    image = memoryview(pixels).cast("B", (size * SCALE, size * SCALE))
    (found,) = zxingcpp.read_barcodes(image)
    text: str = found.text
    return text


def modules(picture: ElementTree.Element) -> list[tuple[int, int]]:
    """Rows and columns of the dark modules: the path strokes each row of them, m and h by turns."""
    (path,) = [each for each in picture.iter(f"{SVG}path") if "stroke" in each.attrib]
    dark, row, column = [], 0, 0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path.attrib["d"]):
        steps = [float(number) for number in numbers.split()]
        if command == "h":
            dark += [(row, column + n) for n in range(int(steps[0]))]
            column += int(steps[0])
        elif command == "M":
            column, row = int(steps[0]), int(steps[1])
        else:
            column, row = column + int(steps[0]), row + int(steps[1])
    return dark


def test_it_is_read_as_the_url() -> None:
    assert scanned(qr_code(URL)) == URL


def test_it_is_a_picture_and_nothing_else() -> None:
    uri = qr_code(URL)

    assert uri.startswith(START)
    # It may stand in an attribute as it is.
    assert not set(uri) & set("\"'<>& \n")
    tags = {each.tag for each in ElementTree.fromstring(unquote(uri.removeprefix(START))).iter()}
    assert tags == {f"{SVG}{name}" for name in ("svg", "g", "path")}

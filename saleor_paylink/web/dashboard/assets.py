"""The frames' scripts and style sheet, under a name that changes whenever one of them does."""

import hashlib
from pathlib import Path

from django.http import HttpResponse

from saleor_paylink.web.served import kept_for_ever

FOLDER = Path(__file__).parent / "assets"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def _version() -> str:
    digest = hashlib.sha256()
    for name, content in FILES.items():
        digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()[:12]


# One for all: modules import each other by their plain names, within the same folder.
VERSION = _version()


def asset(name: str) -> HttpResponse:
    """The file of that name, to be kept for ever. Raises KeyError."""
    return kept_for_ever(FILES[name], TYPES[Path(name).suffix])

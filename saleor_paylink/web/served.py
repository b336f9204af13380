"""The pages' own script: served here, because hosts serve no static files in production."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.http import HttpResponse

from saleor_paylink.shop import current_shop

FOLDER = Path(__file__).parent / "assets"


def kept_for_ever(content: bytes, content_type: str) -> HttpResponse:
    """The answer to whoever asks for a file by a name that changes with its content."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@dataclass(frozen=True)
class Served:
    """A file. Its name changes with its content, so that it may be kept for ever."""

    name: str
    content: bytes
    content_type: str

    @classmethod
    def script(cls, stem: str, *files: str) -> "Served":
        """These scripts as one: each request costs a slow phone more than their bytes."""
        content = b"\n".join((FOLDER / file).read_bytes() for file in files)
        name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.js"
        return cls(name, content, "text/javascript; charset=utf-8")

    def url(self, channel: str) -> str:
        """Where it lies, without the host: pages may be reached by several names."""
        return urlsplit(current_shop().page_url(channel, f"assets/{self.name}")).path

    def response(self) -> HttpResponse:
        return kept_for_ever(self.content, self.content_type)


# visit.js reports a visit: see saleor_paylink.links.visits. Nothing needs the other one.
SCRIPT = Served.script("pages", "visit.js", "comfort.js")
BY_NAME = {served.name: served for served in (SCRIPT,)}

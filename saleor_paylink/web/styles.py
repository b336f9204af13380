"""The style sheet: served here, because hosts serve no static files in production."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from django.http import HttpResponse

from saleor_paylink.shop import current_shop

STYLES = (Path(__file__).parent / "assets" / "pages.css").read_bytes()
# Its name changes with its content, so that it may be kept for ever.
STYLES_NAME = f"pages.{hashlib.sha256(STYLES).hexdigest()[:12]}.css"


def styles_url(channel: str) -> str:
    """Where the style sheet lies, without the host: pages may be reached by several names."""
    return urlsplit(current_shop().page_url(channel, f"assets/{STYLES_NAME}")).path


def styles() -> HttpResponse:
    """The style sheet itself."""
    response = HttpResponse(STYLES, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response

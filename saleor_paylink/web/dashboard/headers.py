"""The headers of the frames: as the customer's pages have them, but for who may show them."""

from django.http import HttpResponse

from saleor_paylink.web.dashboard.origins import dashboard_origins
from saleor_paylink.web.headers import HEADERS, complete

# Who may show a frame is said by its policy alone: the old header can only name our own origin.
FRAME_HEADERS = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}


def frame_policy(nonce: str) -> str:
    """A policy for a page that runs its own scripts and speaks to its own origin only."""
    return "; ".join(
        (
            "default-src 'none'",
            # A script hands its nonce on to what it imports.
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src data:",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {' '.join(dashboard_origins())}",
        )
    )


def secure_frame(response: HttpResponse) -> HttpResponse:
    """A frame's answer with every header that it has not set otherwise itself."""
    return complete(response, FRAME_HEADERS, "default-src 'none'; frame-ancestors 'none'")

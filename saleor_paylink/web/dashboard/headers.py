"""The headers of the frames: as the customer's pages have them, but for who may show them."""

from django.http import HttpResponseBase

from saleor_paylink.web.dashboard.origins import dashboard_origins
from saleor_paylink.web.headers import HEADERS, complete

# Who may show a frame is said by its policy alone: the old header can only name our own origin.
FRAME_HEADERS = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}


def frame_policy(nonce: str, *, downloads: bool = False) -> str:
    """A policy for a page that runs its own scripts and speaks to its own origin only. One with
    `downloads` may besides send a form there, whose answer is a file or nothing to be seen."""
    forms = ("form-action 'self'", "frame-src 'self'") if downloads else ("form-action 'none'",)
    return "; ".join(
        (
            "default-src 'none'",
            # A script hands its nonce on to what it imports.
            f"script-src 'nonce-{nonce}'",
            f"style-src 'nonce-{nonce}'",
            "img-src data:",
            "connect-src 'self'",
            *forms,
            "base-uri 'none'",
            _ancestors(),
        )
    )


def download_policy() -> str:
    """A policy for a file that a frame asks for by a form: browsers may hold against it who shows
    the frame."""
    return f"default-src 'none'; {_ancestors()}"


def _ancestors() -> str:
    return f"frame-ancestors {' '.join(dashboard_origins())}"


def secure_frame(response: HttpResponseBase) -> HttpResponseBase:
    """A frame's answer with every header that it has not set otherwise itself."""
    return complete(response, FRAME_HEADERS, "default-src 'none'; frame-ancestors 'none'")

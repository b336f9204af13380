"""The headers of every answer.

The hosts bring none of these: Saleor serves plugins without its CSRF, framing or locale
middleware, and lets any origin read the answers.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase

R = TypeVar("R", bound=HttpResponseBase)

HEADERS = {
    # A page is true only for the moment, and a shared computer must not keep it.
    "Cache-Control": "no-store",
    # The URL is the secret: the provider's page and others must not be told of it.
    "Referrer-Policy": "no-referrer",
    # Links are posted in public by mistake; what search engines find stays found.
    "X-Robots-Tag": "noindex, nofollow",
    # Nobody may lay their own page over the Pay button. The old header is for old browsers;
    # the content security policy says the same.
    "X-Frame-Options": "DENY",
    # Browsers must not take an answer for a script or a style sheet.
    "X-Content-Type-Options": "nosniff",
    # Other sites may not load an answer as an image, script or style sheet of theirs.
    "Cross-Origin-Resource-Policy": "same-origin",
    # The tab that opened the page may not lead it elsewhere meanwhile.
    "Cross-Origin-Opener-Policy": "same-origin",
}


def content_security_policy(
    form_targets: Iterable[str] = (),
    *,
    styles: str = "",
    pictures: Iterable[str] = (),
    watched: bool = False,
) -> str:
    """A policy for pages without frames, whose one style sheet is written into them: `styles` is
    its source. A page that is `watched` has a script of our own besides, which may speak to us;
    others have none.

    `form_targets` are the sources that forms lead to. Chrome and Safari hold `form-action`
    against the redirect that answers a form, too, so the provider's pages have to be named.
    `pictures` are those that images come from.
    """
    targets = " ".join(form_targets) or "'none'"
    images = " ".join(pictures)
    return "; ".join(
        (
            "default-src 'none'",
            *((f"style-src {styles}",) if styles else ()),
            *((f"img-src {images}",) if images else ()),
            *(("script-src 'self'", "connect-src 'self'") if watched else ()),
            f"form-action {targets}",
            # Neither of these falls back to default-src.
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def secure(response: HttpResponse) -> HttpResponse:
    """A page's answer with every header that it has not set otherwise itself."""
    return complete(response, HEADERS, content_security_policy())


def complete(response: R, headers: Mapping[str, str], policy: str) -> R:
    """The answer with those of the headers, and the policy, that it has not set otherwise."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy)
    return response

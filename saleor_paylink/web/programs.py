"""Programs that run a page's script and are no customers, by the name that they go by.

A visit is only reported by a script, so that crawlers, scanners and previews which merely fetch
the page need no place here: these render it.
"""

import re

from django.http import HttpRequest

NAMES = re.compile(
    # Search engines and chats: Googlebot, bingbot, Applebot, Slackbot... Cubot makes telephones.
    r"(?<!cu)bot|crawler|spider|facebookexternalhit"
    # Browsers without a screen: the sandboxes of mail scanners, screenshots, monitoring.
    r"|headless|phantomjs"
    # Google under other names, and whoever measures pages.
    r"|google-|lighthouse|pagespeed"
    # BingPreview, SkypeUriPreview.
    r"|preview",
    re.IGNORECASE,
)


def is_program(request: HttpRequest) -> bool:
    """Whether it says of itself that no person looks at the page. Every browser says what it is."""
    agent = request.headers.get("User-Agent", "")
    return not agent or NAMES.search(agent) is not None

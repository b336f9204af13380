"""A customer's browser: it reads pages, fills in forms and decides itself where to go next."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from random import getrandbits
from urllib.parse import urljoin

from requests import Response, Session

TIMEOUT_SECONDS = 60


@dataclass
class Form:
    """A form with what its fields hold: the choice that is checked, or else the first."""

    url: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """An answer over HTTP. `location` is where it redirects to, absolute."""

    url: str
    status: int
    headers: dict[str, str]
    html: str

    @cached_property
    def _read(self) -> "_Reader":
        reader = _Reader(self.url)
        reader.feed(self.html)
        return reader

    @property
    def text(self) -> str:
        """What a person reads, in one line."""
        return re.sub(r"\s+", " ", "".join(self._read.words)).strip()

    @property
    def heading(self) -> str:
        """What its first heading says."""
        return re.sub(r"\s+", " ", self._read.heading).strip()

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def pay_form(self) -> Form | None:
        """The form that begins a payment; None on a page that offers none."""
        return next((form for form in self.forms if "revision" in form.fields), None)

    @property
    def renewal_form(self) -> Form | None:
        """The form that asks for a fresh link; None on a page that offers none."""
        return next((form for form in self.forms if form.url.endswith("/renew")), None)

    @property
    def stylesheets(self) -> list[str]:
        return self._read.stylesheets

    @property
    def scripts(self) -> list[str]:
        return self._read.scripts

    @property
    def location(self) -> str | None:
        target = self.headers.get("location")
        return None if target is None else urljoin(self.url, target)


def somewhere() -> str:
    """An address that nobody else has come from: of the range for documentation, RFC 3849."""
    network = getrandbits(32)
    return f"2001:db8:{network >> 16:x}:{network & 0xFFFF:x}::1"


class Browser:
    """Follows no redirect by itself. `agent` is the User-Agent it goes by, `address` where it
    says that it comes from, as a shop's proxy would; by default every browser is elsewhere."""

    def __init__(
        self,
        agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
        address: str = "",
    ):
        self._http = Session()
        self._http.trust_env = False
        self._http.headers.update(
            {
                "User-Agent": agent,
                "Accept-Language": "en",
                # Saleor makes whatever it compresses longer by a random length, and answers
                # are compared to the byte.
                "Accept-Encoding": "identity",
                "X-Forwarded-For": address or somewhere(),
            }
        )

    def open(self, url: str, method: str = "GET") -> Page:
        """Go to a page."""
        return self._page(
            self._http.request(method, url, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        )

    def submit(self, form: Form, **changes: str) -> Page:
        """Send a form, some of its fields changed."""
        return self.post(form.url, {**form.fields, **changes})

    def post(self, url: str, fields: dict[str, str]) -> Page:
        """Send fields to a page, whatever its forms are."""
        return self._page(
            self._http.post(url, fields, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        )

    def look_at(self, page: Page) -> Page:
        """Look at a page long enough for it to report that somebody does; the answer to that."""
        return self._page(self._http.post(urljoin(page.url, "seen"), timeout=TIMEOUT_SECONDS))

    @staticmethod
    def _page(response: Response) -> Page:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Page(response.url, response.status_code, headers, response.text)


class _Reader(HTMLParser):
    """Collects the words and the forms of a page."""

    HIDDEN = ("script", "style", "title")
    INLINE = ("a", "abbr", "b", "bdi", "code", "em", "i", "small", "span", "strong", "time")

    def __init__(self, url: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.stylesheets: list[str] = []
        self.scripts: list[str] = []
        self.heading = ""
        self._in_heading = False
        self._url = url
        self._hidden = 0
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._hidden += tag in self.HIDDEN
        if tag not in self.INLINE:
            self.words.append(" ")
        self._in_heading = self._in_heading or (tag == "h1" and not self.heading)
        if tag == "link" and given.get("rel") == "stylesheet":
            self.stylesheets.append(urljoin(self._url, given.get("href", "")))
        if tag == "script":
            self.scripts.append(urljoin(self._url, given.get("src", "")))
        if tag == "form":
            url = urljoin(self._url, given.get("action", ""))
            self._form = Form(url, given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and given.get("name") and tag in ("input", "button"):
            self._take(given)

    def _take(self, given: dict[str, str]) -> None:
        assert self._form is not None
        chosen = "checked" in given or given["name"] not in self._form.fields
        if given.get("type") not in ("radio", "checkbox") or chosen:
            self._form.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self.HIDDEN
        if tag not in self.INLINE:
            self.words.append(" ")
        if tag == "form":
            self._form = None
        if tag == "h1":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
        if self._in_heading:
            self.heading += data

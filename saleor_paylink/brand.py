"""How a shop presents itself to the customers of a channel, on pages and in mails."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from saleor_paylink.colours import Colour
from saleor_paylink.conf import SettingField, SettingInvalid

LOGO, COLOUR = "logo-url", "brand-colour"
EMAIL, PHONE = "support-email", "support-phone"
TERMS, SHOP = "terms-url", "shop-url"

FIELDS = (
    SettingField(
        LOGO,
        "Logo",
        "The address of a picture, beginning with https://, that stands in place of the shop's "
        "name. Customers' browsers load it from there. Empty: the name.",
    ),
    SettingField(
        COLOUR,
        "Colour",
        "The colour of the Pay button, such as #7c3aed. What would be hard to read in it is made "
        "darker or lighter. Empty: black.",
    ),
    SettingField(EMAIL, "Support email", "Where customers can ask about a payment. May be empty."),
    SettingField(PHONE, "Support telephone", "With the country, such as +48 22 123 45 67."),
    SettingField(TERMS, "Terms", "The address of the terms of sale, beginning with https://."),
    SettingField(SHOP, "Shop", "The address of the shop, for customers to go back to."),
)

Value = TypeVar("Value")
Reader = Callable[[str, str], Value]

# No quotes, blanks, commas or semicolons: the host is named in a Content-Security-Policy.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_ADDRESS = re.compile(r"[!-~]{1,2000}", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"',;:?&]{1,64}@[^\s@<>\"',;:?&]{1,190}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{2,30}", re.ASCII)
# Where nobody listens in: a shop that is being tried on one's own machine.
_HERE = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Brand:
    """What a merchant has set of it. None: nothing, or nothing that can be used.

    Addresses are absolute and safe to be shown as links.
    """

    logo_url: str | None = None
    colour: Colour | None = None
    support_email: str | None = None
    support_phone: str | None = None
    terms_url: str | None = None
    shop_url: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Brand":
        """The brand that a channel's settings hold. One that cannot be used is left out: what a
        customer is to pay must be shown all the same."""
        return cls(
            logo_url=_usable(_url, LOGO, values),
            colour=_usable(_colour, COLOUR, values),
            support_email=_usable(_email, EMAIL, values),
            support_phone=_usable(_phone, PHONE, values),
            terms_url=_usable(_url, TERMS, values),
            shop_url=_usable(_url, SHOP, values),
        )

    @property
    def logo_source(self) -> str | None:
        """The one origin that a logo is loaded from, as a Content-Security-Policy names it."""
        return None if self.logo_url is None else origin_of(self.logo_url)

    @property
    def dialled(self) -> str:
        """The telephone number as a `tel:` link has it."""
        return re.sub(r"[^0-9+]", "", self.support_phone or "")


def validate(values: Mapping[str, str]) -> None:
    """Raises SettingInvalid for the first value that cannot be used."""
    for name, read in _READERS.items():
        _read(read, name, values)


def origin_of(url: str) -> str:
    """Scheme and host of an absolute URL, as a Content-Security-Policy names it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _usable(read: Reader[Value], name: str, values: Mapping[str, str]) -> Value | None:
    try:
        return _read(read, name, values)
    except SettingInvalid:
        return None


def _read(read: Reader[Value], name: str, values: Mapping[str, str]) -> Value | None:
    text = values.get(name, "").strip()
    return read(name, text) if text else None


def _url(name: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    plain = _ADDRESS.fullmatch(text) and _HOST.fullmatch(host) and "@" not in parts.netloc
    secure = plain and (parts.scheme == "https" or (parts.scheme == "http" and host in _HERE))
    if not secure:
        raise SettingInvalid(
            name,
            "Give a whole address that begins with https:// and has no blanks or names in it, "
            "such as https://shop.example/path.",
        )
    return text


def _colour(name: str, text: str) -> Colour:
    try:
        return Colour.read(text)
    except ValueError:
        raise SettingInvalid(
            name, "Give a colour as # and six digits from 0 to f, such as #7c3aed."
        ) from None


def _email(name: str, text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise SettingInvalid(name, "Give one email address, such as help@shop.example.")
    return text


def _phone(name: str, text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise SettingInvalid(name, "Give one telephone number, such as +48 22 123 45 67.")
    return text


_READERS: Mapping[str, Reader[object]] = {
    LOGO: _url,
    COLOUR: _colour,
    EMAIL: _email,
    PHONE: _phone,
    TERMS: _url,
    SHOP: _url,
}

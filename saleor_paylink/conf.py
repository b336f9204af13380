"""What a merchant sets for one channel, typed and validated.

The shop stores the values (in Saleor: the plugin's configuration for the channel); each
provider names and reads its own, so that adding a provider changes nothing here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


class SettingInvalid(ValueError):
    """A value that cannot be used; `setting` is the name of its field."""

    def __init__(self, setting: str, message: str) -> None:
        super().__init__(message)
        self.setting = setting
        self.message = message


@dataclass(frozen=True)
class SettingField:
    """One field of the settings form that staff see."""

    name: str
    label: str
    help_text: str
    default: str = ""
    secret: bool = False


AUTOMATIC_REFUNDS = "automatic-refunds"
REFUNDABLE = ("duplicate", "late")

FIELDS = (
    SettingField(
        "shop-name",
        "Shop name",
        "The name that customers read on the payment page and in mails. "
        "Empty: the name of the site.",
    ),
    SettingField(
        "link-lifetime-days",
        "Days until a payment link expires",
        "A whole number of days. Empty: links do not expire.",
    ),
    SettingField(
        AUTOMATIC_REFUNDS,
        "Refund without asking",
        "Payments to give back by themselves, separated by commas: duplicate (the order had been "
        "paid already), late (nothing was due any more when it arrived). Empty: staff decide.",
    ),
)


@dataclass(frozen=True)
class ChannelSettings:
    """The settings in force in one channel (`channel` is its slug).

    `values` holds every stored value by field name; providers take theirs from it.
    """

    channel: str
    active: bool
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def shop_name(self) -> str | None:
        return self.values.get("shop-name", "").strip() or None

    @property
    def link_lifetime(self) -> timedelta | None:
        """How long a new link lives; None: for ever. Raises SettingInvalid."""
        text = self.values.get("link-lifetime-days", "").strip()
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 3650:
            raise SettingInvalid(
                "link-lifetime-days", "Give a whole number of days from 1 to 3650, or nothing."
            )
        return timedelta(days=int(text))

    @property
    def automatic_refunds(self) -> frozenset[str]:
        """The kinds of exceptions whose money is given back by itself. Raises SettingInvalid."""
        kinds = frozenset(self.values.get(AUTOMATIC_REFUNDS, "").replace(",", " ").split())
        for kind in sorted(kinds.difference(REFUNDABLE)):
            raise SettingInvalid(
                AUTOMATIC_REFUNDS, f"Unknown: {kind}. Choose from: {', '.join(REFUNDABLE)}."
            )
        return kinds

    def validate(self) -> None:
        """Raises SettingInvalid for the first general setting that cannot be used."""
        _ = self.link_lifetime
        _ = self.automatic_refunds

"""What a merchant sets for one channel, typed and validated.

The shop stores the values (in Saleor: the plugin's configuration for the channel); each
provider names and reads its own, so that adding a provider changes nothing here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from saleor_paylink.timetable import Timetable, read_days, read_hours, read_zone


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
RECEIPTS = "receipts"
RECEIPT_CHOICES = ("auto", "always", "never")
REMINDER_DAYS = "reminder-days"
REMINDER_HOURS = "reminder-hours"
TIME_ZONE = "time-zone"

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
    SettingField(
        RECEIPTS,
        "Mail receipts",
        "auto: of each payment that the shop does not mail a confirmation of by itself. always: of "
        "each payment. never: of none; the payment page shows receipts in any case.",
        default="auto",
    ),
    SettingField(
        REMINDER_DAYS,
        "Days on which customers are reminded",
        "Days after the payment link was first mailed, and with a minus before it expires, "
        "separated by commas: 1, 3, -1. Empty: nobody is reminded.",
        default="1, 3, -1",
    ),
    SettingField(
        REMINDER_HOURS,
        "Hours in which customers are reminded",
        "From the first hour to before the second one, on the shop's clock.",
        default="9-20",
    ),
    SettingField(
        TIME_ZONE,
        "Time zone",
        "Of the shop's clock, by its name in the IANA database: Europe/Berlin. "
        "Empty: that of the site.",
    ),
)

DEFAULTS = {field.name: field.default for field in FIELDS}


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

    @property
    def receipts(self) -> str:
        """Which payments a receipt is mailed of: one of RECEIPT_CHOICES. Raises SettingInvalid."""
        choice = self.values.get(RECEIPTS, "").strip().lower() or RECEIPT_CHOICES[0]
        if choice not in RECEIPT_CHOICES:
            raise SettingInvalid(RECEIPTS, f"Choose from: {', '.join(RECEIPT_CHOICES)}.")
        return choice

    @property
    def timetable(self) -> Timetable:
        """When customers are reminded of their links. Raises SettingInvalid."""
        try:
            after, before = read_days(self.values.get(REMINDER_DAYS, DEFAULTS[REMINDER_DAYS]))
        except ValueError:
            message = "Give whole numbers of days, up to 365: 1, 3, -1. Or nothing."
            raise SettingInvalid(REMINDER_DAYS, message) from None
        hours = self.values.get(REMINDER_HOURS, "").strip() or DEFAULTS[REMINDER_HOURS]
        try:
            opens, closes = read_hours(hours)
        except ValueError:
            message = "Give two full hours of a day, the earlier one first: 9-20."
            raise SettingInvalid(REMINDER_HOURS, message) from None
        try:
            zone = read_zone(self.values.get(TIME_ZONE, "").strip() or settings.TIME_ZONE)
        except ValueError:
            message = "No such time zone is known. Give its name, such as Europe/Berlin."
            raise SettingInvalid(TIME_ZONE, message) from None
        return Timetable(after, before, opens, closes, zone)

    def validate(self) -> None:
        """Raises SettingInvalid for the first general setting that cannot be used."""
        _ = self.link_lifetime
        _ = self.automatic_refunds
        _ = self.receipts
        _ = self.timetable

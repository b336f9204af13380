"""What a merchant sets for Stripe, read and checked without asking Stripe."""

import re
from collections.abc import Mapping

from saleor_paylink.conf import SettingField, SettingInvalid
from saleor_paylink.providers.stripe.methods import METHODS

KEY = "stripe-secret-key"
WEBHOOK_SECRET = "stripe-webhook-secret"  # noqa: S105
OFFERED = "stripe-methods"

FIELDS = (
    SettingField(
        KEY,
        "Stripe secret key",
        "A secret key (sk_…), or a restricted key (rk_…) that may write Checkout Sessions and "
        "Charges and Refunds, and read PaymentIntents, Disputes, and Balance transactions; "
        "paylink_setup also writes Webhook Endpoints. A test key moves no money.",
        secret=True,
    ),
    SettingField(
        WEBHOOK_SECRET,
        "Stripe webhook signing secret",
        "The signing secret (whsec_…) of the webhook endpoint at Stripe. While it is being "
        "rolled: the old one and the new one, with a space between.",
        secret=True,
    ),
    SettingField(
        OFFERED,
        "Stripe payment methods",
        f"Which to offer, separated by commas: {', '.join(METHODS)}. Each has to be switched on "
        "in the Stripe Dashboard too, and is offered in the currencies that it takes.",
        default="card",
    ),
)

_KEY_FORM = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+")
_SECRET_FORM = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")


class StripeSettings:
    """The values that were set, taken apart; `validate` says whether they can be used."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.key = values.get(KEY, "").strip()
        self.secrets = _items(values.get(WEBHOOK_SECRET, ""))
        self.kinds = _items(values.get(OFFERED, "")) or ["card"]

    @property
    def livemode(self) -> bool:
        match = _KEY_FORM.fullmatch(self.key)
        return match is not None and match[1] == "live"

    def validate(self, *, in_use: bool) -> None:
        """Raises SettingInvalid for the first value that cannot be used. Shows no secret.

        A key needs a signing secret beside it where it is `in_use`; until then it may wait for
        one to be registered.
        """
        if self.key:
            self._check_key()
        if self.key and in_use and not self.secrets:
            raise SettingInvalid(
                WEBHOOK_SECRET,
                "Payments cannot be taken without hearing of them. Create a webhook endpoint in "
                "the Stripe Dashboard and give its signing secret (whsec_…), or save the key with "
                "the plugin switched off and run manage.py paylink_setup.",
            )
        for secret in self.secrets:
            if not _SECRET_FORM.fullmatch(secret):
                raise SettingInvalid(
                    WEBHOOK_SECRET,
                    "A signing secret begins with whsec_. Copy it from the webhook endpoint's "
                    "page in the Stripe Dashboard.",
                )
        for kind in self.kinds:
            if kind not in METHODS:
                raise SettingInvalid(
                    OFFERED, f"Unknown payment method: {kind}. Choose from: {', '.join(METHODS)}."
                )

    def _check_key(self) -> None:
        if self.key.startswith("pk_"):
            raise SettingInvalid(
                KEY, "This is the publishable key. Give the secret key (sk_…) that stands by it."
            )
        if not _KEY_FORM.fullmatch(self.key):
            raise SettingInvalid(
                KEY,
                "This is no Stripe secret key: it begins with sk_test_, sk_live_, rk_test_ or "
                "rk_live_. Copy it whole from the Stripe Dashboard.",
            )


def _items(text: str) -> list[str]:
    """What stands between commas and blanks, each once."""
    return list(dict.fromkeys(text.replace(",", " ").split()))

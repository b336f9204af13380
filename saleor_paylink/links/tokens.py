"""The secret in a payment link's URL.

It is derived from the server's secret key and never stored: whoever reads the database
alone cannot pay, or look at, anybody's order. Only its digest is kept, to find the link.
"""

import base64
import hashlib
import re
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.crypto import constant_time_compare, salted_hmac

from saleor_paylink.models import PaymentAttempt, PaymentLink
from saleor_paylink.shop import current_shop

SALT = "saleor_paylink.links.tokens"
MARK_SALT = f"{SALT}.reminders"
# 32 bytes in unpadded URL-safe base64.
FORM = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def derive(link_id: UUID, seed: UUID, secret: str | bytes | None = None) -> str:
    """The token, 256 bits, of a link with that id and seed."""
    return _mac(SALT, f"{link_id}:{seed}", secret)


def _mac(salt: str, said: str, secret: str | bytes | None) -> str:
    mac = salted_hmac(salt, said, secret=secret, algorithm="sha256")
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(link: PaymentLink) -> str | None:
    """The link's token; None where the secret key it was made with is not known any more.

    A token made before a change of SECRET_KEY is found through SECRET_KEY_FALLBACKS.
    """
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = derive(link.id, link.token_seed, secret)
        if digest(token) == link.token_digest:
            return token
    return None


def find_link(token: str, channel: str | None = None) -> PaymentLink | None:
    """The link of a token, if it belongs to `channel`; None for whatever else. It says whether it
    `was_tried`.

    Looked up by digest, so that the time it takes says nothing about real tokens.
    """
    if not FORM.fullmatch(token):
        return None
    tried = Exists(PaymentAttempt.objects.filter(link=OuterRef("pk")))
    links = PaymentLink.objects.annotate(was_tried=tried)  # type: ignore[no-redef]
    link = links.filter(token_digest=digest(token)).first()
    if link is None or (channel is not None and link.channel != channel):
        return None
    return link


def pay_url_of(link_id: UUID) -> str | None:
    """`pay_url` of the link with that id; None where there is none. For other plugins, which are
    told of links without their URLs."""
    link = PaymentLink.objects.filter(pk=link_id).first()
    return pay_url(link) if link else None


def pay_url(link: PaymentLink) -> str | None:
    """The absolute URL that the customer is given."""
    token = token_of(link)
    return token and current_shop().page_url(link.channel, f"pay/{token}/")


def reminders_url(link: PaymentLink) -> str:
    """Where the customer asks for no more reminders. It outlives the link's own URLs, and opens
    nothing: mail programs call such addresses by themselves."""
    mark = _mac(MARK_SALT, str(link.id), None)
    return current_shop().page_url(link.channel, f"reminders/{link.id}/{mark}")


def find_marked(link_id: UUID, mark: str, channel: str) -> PaymentLink | None:
    """The link of a `reminders_url`, if it belongs to `channel`; None for whatever else."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(
        constant_time_compare(_mac(MARK_SALT, str(link_id), each), mark) for each in secrets
    ):
        return None
    return PaymentLink.objects.filter(pk=link_id, channel=channel).first()

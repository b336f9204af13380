"""How Saleor mails its customers: by which server, as whom, and whether of payments.

Saleor's user-email plugin (saleor/plugins/user_email) has an SMTP account for each channel, and
sends it by itself what the shop notifies of. Once an order is paid in full, Saleor notifies of
`order_payment_confirmation` (saleor/order/actions.py, handle_fully_paid_order): that plugin mails
it unless its template was emptied, and the Sendgrid plugin where it was given a template's id.
Of a part of what is due Saleor says nothing.
"""

from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from typing import Any

from django.contrib.sites.models import Site
from saleor.core.db.connection import writer
from saleor.plugins.models import EmailTemplate, PluginConfiguration
from saleor.plugins.user_email.constants import ORDER_PAYMENT_CONFIRMATION_TEMPLATE_FIELD
from saleor.plugins.user_email.constants import PLUGIN_ID as USER_EMAIL
from saleor.plugins.user_email.plugin import UserEmailPlugin

from saleor_paylink.saleor.listeners import SENDGRID
from saleor_paylink.shop import MailAccount, MailServer

SENDGRID_CONFIRMATION = "order_payment_confirmation_template_id"


def mail_account(channel: str) -> MailAccount:
    """See Shop.mail_account. Django's where the user-email plugin is off in the channel, or was
    given no account."""
    site: Any = Site.objects.get_current()
    active = {
        row.identifier: row
        for row in PluginConfiguration.objects.using(writer).filter(
            identifier__in=[USER_EMAIL, SENDGRID], channel__slug=channel, active=True
        )
    }
    user_email = active.get(USER_EMAIL)
    account = _account(user_email) if user_email else {}
    has_account = bool(account and account["host"] and account["sender_address"])
    sender = site.settings.default_from_email
    if has_account:
        sender = str(Address(account["sender_name"] or "", addr_spec=account["sender_address"]))
    return MailAccount(
        sender,
        _lines(site.settings.company_address),
        _server(account) if has_account else None,
        _confirms(user_email if has_account else None, active.get(SENDGRID)),
    )


def _account(row: PluginConfiguration) -> dict[str, Any]:
    """The plugin's SMTP account, as it has it itself: what is missing, it has of the environment's
    USER_EMAIL_URL."""
    account = dict.fromkeys(
        "host port username password sender_name sender_address use_tls use_ssl".split()
    )
    account.update({each["name"]: each.get("value") for each in row.configuration or ()})
    UserEmailPlugin._add_missing_configuration(account)
    return account


def _server(account: Mapping[str, Any]) -> MailServer:
    return MailServer(
        host=account["host"],
        port=int(account["port"] or 0),
        username=account["username"] or "",
        password=account["password"] or "",
        use_tls=bool(account["use_tls"]),
        use_ssl=bool(account["use_ssl"]),
    )


def _confirms(user_email: PluginConfiguration | None, sendgrid: PluginConfiguration | None) -> bool:
    """Whether Saleor itself mails the customer of an order that is now paid in full."""
    if sendgrid is not None:
        values = {each["name"]: each.get("value") for each in sendgrid.configuration or ()}
        if values.get(SENDGRID_CONFIRMATION):
            return True
    if user_email is None:
        return False
    emptied = EmailTemplate.objects.using(writer).filter(
        plugin_configuration=user_email, name=ORDER_PAYMENT_CONFIRMATION_TEMPLATE_FIELD, value=""
    )
    return not emptied.exists()


def _lines(address: Any) -> Sequence[str]:
    """The lines of an address, as far as the shop has filled them in."""
    if address is None:
        return ()
    lines = (
        address.company_name,
        address.street_address_1,
        address.street_address_2,
        f"{address.postal_code} {address.city}".strip(),
        str(address.country.name) if address.country else "",
    )
    return tuple(line for line in lines if line)

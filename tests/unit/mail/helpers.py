"""What the tests of mails look at."""

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from saleor_paylink.models import MailDelivery, PaymentLink, PaymentLinkEvent
from sandbox.shop.models import Channel


def subjects() -> list[str]:
    """The mails that went out, by how they begin, oldest first."""
    return [str(each.subject).split(" ")[0].rstrip(":") for each in mail.outbox]


def last() -> EmailMultiAlternatives:
    """The mail that went out last."""
    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    return message


def html_of(message: EmailMultiAlternatives) -> str:
    """Its HTML part."""
    ((content, mimetype),) = message.alternatives
    assert mimetype == "text/html"
    return str(content)


def set_value(channel: Channel, **values: str) -> None:
    """Change the plugin's settings: an underscore is a hyphen."""
    given = {name.replace("_", "-"): value for name, value in values.items()}
    channel.plugin_values = {**channel.plugin_values, **given}
    channel.save()


def steps(link: PaymentLink) -> list[str]:
    """What happened to the link, oldest first."""
    found = PaymentLinkEvent.objects.filter(link=link).order_by("id")
    return list(found.values_list("type", flat=True))


def deliveries() -> list[tuple[str, str]]:
    """Every mail, with what has become of it."""
    return list(MailDelivery.objects.order_by("id").values_list("kind", "status"))

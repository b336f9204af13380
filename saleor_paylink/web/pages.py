"""What customers see: views in, HTML out. Nothing here has an effect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Engine
from django.utils import translation

from saleor_paylink.links.bearer import PaymentRequestView, RequestStatus
from saleor_paylink.links.dues import revision_of
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.limits import TooManyTries
from saleor_paylink.models import PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.providers import registry
from saleor_paylink.shop import current_shop
from saleor_paylink.web.headers import content_security_policy
from saleor_paylink.web.served import STYLES, VISIT

# An engine of its own: the host's may cache nothing, and mark missing variables.
ENGINE = Engine(
    dirs=[str(Path(__file__).parent / "templates")],
    builtins=["django.templatetags.i18n", "saleor_paylink.web.filters"],
)

# As we write amounts into the form. Anything else was not written by us, and a short "1e99"
# would become a very long number.
AMOUNT = re.compile(r"[0-9]{1,17}(\.[0-9]{1,6})?", re.ASCII)

STATUS_OF_REFUSAL = {
    LinkErrorCode.METHOD_UNAVAILABLE: 400,
    LinkErrorCode.PROVIDER_ERROR: 503,
}


@dataclass(frozen=True)
class PayForm:
    """What the pay page posts. `seen` is the amount that it showed: never a sum to charge."""

    method: str
    revision: str
    seen: str

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "PayForm":
        return cls(*(fields.get(name, "") for name in ("method", "revision", "seen")))


def request_page(
    view: PaymentRequestView,
    refusal: LinkError | None = None,
    form: PayForm | None = None,
    *,
    watched: bool = True,
) -> HttpResponse:
    """The payment page in whichever state it is.

    `refusal` says why the click on Pay came to nothing, `form` what was sent with it. One that
    is not `watched` does not report that somebody looks at it.
    """
    due, order = view.amount_due, view.order
    with translation.override(order.language):
        response = _render(
            "pay.html",
            view.link.channel,
            {
                "view": view,
                "refusal": refusal,
                "amount_before": form and _amount_before(view, form),
                "chosen": _chosen(view, form),
                "seen": f"{due.amount:f}",
                "due_later": order.total - view.amount_paid - due,
                "visit_url": watched and VISIT.url(view.link.channel),
            },
        )
    if refusal is not None:
        response.status_code = STATUS_OF_REFUSAL.get(refusal.code, 409)
    policy = content_security_policy(_form_targets(view), watched=watched)
    response.headers["Content-Security-Policy"] = policy
    return response


def unsure_page(view: PaymentRequestView) -> HttpResponse:
    """For a customer who comes back while the provider cannot be asked what happened."""
    with translation.override(view.order.language):
        response = _render("unsure.html", view.link.channel, {"view": view})
    response.status_code = 503
    return response


def renewal_page(channel: str) -> HttpResponse:
    """For whoever asked for a fresh link, the same to the byte whatever came of it."""
    with translation.override(settings.LANGUAGE_CODE):
        return _render("renewal.html", channel, {})


def reminders_page(link: PaymentLink, *, stopped: bool) -> HttpResponse:
    """For whoever wants no more reminders: it asks whether they do, or says that there are none
    any more."""
    order = current_shop().order(link.order_id)
    language = order.language if order else settings.LANGUAGE_CODE
    shop_name = current_shop().profile(link.channel).name
    context = {"number": order.number if order else "", "shop_name": shop_name, "stopped": stopped}
    with translation.override(language):
        response = _render("reminders.html", link.channel, context)
    policy = content_security_policy([] if stopped else ["'self'"])
    response.headers["Content-Security-Policy"] = policy
    return response


def neutral_page(channel: str) -> HttpResponse:
    """The one page for whatever is not there, the same to the byte whatever the cause."""
    with translation.override(settings.LANGUAGE_CODE):
        response = _render("neutral.html", channel, {})
    response.status_code = 404
    return response


def limit_page(channel: str, refusal: TooManyTries) -> HttpResponse:
    """For whoever tries too often, the same to the byte for every token."""
    with translation.override(settings.LANGUAGE_CODE):
        response = _render("limit.html", channel, {"refusal": refusal})
    response.status_code = 429
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


def trouble_page(channel: str) -> HttpResponse:
    """For a fault of ours."""
    with translation.override(settings.LANGUAGE_CODE):
        response = _render("trouble.html", channel, {})
    response.status_code = 500
    return response


def _render(template: str, channel: str, context: dict[str, object]) -> HttpResponse:
    context = {"styles_url": STYLES.url(channel), "visit_url": None, **context}
    return HttpResponse(ENGINE.get_template(template).render(Context(context)))


def _chosen(view: PaymentRequestView, form: PayForm | None) -> str | None:
    """The method to be ticked: the one that was chosen before, else the first."""
    offered = [method.id for method in view.methods]
    return form.method if form and form.method in offered else next(iter(offered), None)


def _amount_before(view: PaymentRequestView, form: PayForm) -> Money | None:
    """The amount that the customer saw, if it is not what is due any more.

    The revision proves that it was shown for this order.
    """
    if not AMOUNT.fullmatch(form.seen):
        return None
    seen = Money(Decimal(form.seen), view.order.currency)
    shown = revision_of(view.order.id, seen) == form.revision
    return seen if shown and seen != view.amount_due else None


def _form_targets(view: PaymentRequestView) -> list[str]:
    """Where the forms of the page lead."""
    if view.renewable:
        return ["'self'"]
    if view.status is not RequestStatus.DUE or not view.methods:
        return []
    channel_settings = current_shop().channel_settings(view.link.channel)
    names = sorted({method.provider for method in view.methods})
    providers = [registry.provider(name, channel_settings) for name in names]
    return ["'self'", *(source for provider in providers for source in provider.page_sources)]

"""What customers see: views in, HTML out. Nothing here has an effect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.http import HttpResponse
from django.template import Context, Engine
from django.utils.translation import gettext as _

from saleor_paylink.brand import Brand
from saleor_paylink.conf import ChannelSettings
from saleor_paylink.languages import speaking
from saleor_paylink.links.bearer import PaymentRequestView, RequestStatus
from saleor_paylink.links.contents import Change
from saleor_paylink.links.dues import revision_of
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.links.limits import TooManyTries
from saleor_paylink.models import PaymentLink
from saleor_paylink.money import Money
from saleor_paylink.overriding import template_folders
from saleor_paylink.shop import current_shop
from saleor_paylink.web.choices import choices, suggested
from saleor_paylink.web.headers import content_security_policy
from saleor_paylink.web.looks import changes_since_look, look_of
from saleor_paylink.web.served import SCRIPT
from saleor_paylink.web.styles import sheet_for, source_of
from saleor_paylink.web.summaries import summary_of

# An engine of its own: the host's may cache nothing, and mark missing variables.
ENGINE = Engine(
    dirs=template_folders("pages", Path(__file__).parent / "templates"),
    builtins=["django.templatetags.i18n", "saleor_paylink.web.filters"],
)

# As we write amounts into the form. Anything else was not written by us, and a short "1e99"
# would become a very long number.
AMOUNT = re.compile(r"[0-9]{1,17}(\.[0-9]{1,6})?", re.ASCII)
# Seconds until a page that waits for something looks again by itself, without a script.
LOOK_AGAIN = 20

# What only some pages have. Django logs each name that a template does not find, and with it the
# exception that led to the page, which may say what is private.
ABSENT = {
    "script_url": None,
    "look_again": None,
    "test_mode": False,
    "number": "",
    "is_paid": False,
}

STATUS_OF_REFUSAL = {
    LinkErrorCode.METHOD_UNAVAILABLE: 400,
    LinkErrorCode.PROVIDER_ERROR: 503,
}


@dataclass(frozen=True)
class PayForm:
    """What the pay page posts. `seen` is the amount that it showed, `look` what the order held
    then: never a sum to charge."""

    method: str
    revision: str
    seen: str
    look: str = ""

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "PayForm":
        return cls(*(fields.get(name, "") for name in ("method", "revision", "seen", "look")))


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
    is_due = view.status is RequestStatus.DUE
    with speaking(view.order.language):
        summary = summary_of(view)
        offered = choices(view, refusal, form.method if form else None)
        changed = _changed(view, refusal, form)
        response = _render(
            "pay.html",
            view.brand,
            {
                "view": view,
                "state": _("Not paid") if refusal and is_due else _state(view),
                "refusal": refusal,
                "amount_before": form and _amount_before(view, form),
                "changed": changed,
                "choices": offered,
                "suggested": suggested(offered),
                "summary": summary,
                "seen": f"{view.amount_due.amount:f}",
                "look": look_of(view.order) if is_due else "",
                "look_again": view.status is RequestStatus.PROCESSING and LOOK_AGAIN,
                "script_url": watched and SCRIPT.url(view.link.channel),
            },
            form_targets=_form_targets(view),
            pictures=["'self'", *current_shop().picture_sources()] if summary.has_pictures else [],
            watched=watched,
        )
    if refusal is not None:
        response.status_code = STATUS_OF_REFUSAL.get(refusal.code, 409)
    return response


def unsure_page(view: PaymentRequestView) -> HttpResponse:
    """For a customer who comes back while the provider cannot be asked what happened."""
    with speaking(view.order.language):
        context: dict[str, object] = {
            "view": view,
            "state": _("Checking your payment"),
            "look_again": LOOK_AGAIN,
        }
        context["script_url"] = SCRIPT.url(view.link.channel)
        response = _render("unsure.html", view.brand, context, watched=True)
    response.status_code = 503
    return response


def renewal_page(chosen: ChannelSettings) -> HttpResponse:
    """For whoever asked for a fresh link, the same to the byte whatever came of it."""
    return _impersonal("renewal.html", chosen, {}, 200)


def reminders_page(link: PaymentLink, *, stopped: bool) -> HttpResponse:
    """For whoever wants no more reminders: it asks whether they do, or says that there are none
    any more."""
    order = current_shop().order(link.order_id)
    chosen = current_shop().channel_settings(link.channel)
    context: dict[str, object] = {
        "number": order.number if order else "",
        "shop_name": current_shop().name(chosen),
        "stopped": stopped,
    }
    with speaking(order.language if order else None):
        return _render(
            "reminders.html",
            Brand.of(chosen.values),
            context,
            form_targets=[] if stopped else ["'self'"],
        )


def neutral_page(chosen: ChannelSettings) -> HttpResponse:
    """The one page for whatever is not there, the same to the byte whatever the cause."""
    return _impersonal("neutral.html", chosen, {}, 404)


def limit_page(chosen: ChannelSettings, refusal: TooManyTries) -> HttpResponse:
    """For whoever tries too often, the same to the byte for every token."""
    response = _impersonal("limit.html", chosen, {"refusal": refusal}, 429)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


def trouble_page() -> HttpResponse:
    """For a fault of ours. Asks nothing of the shop, which may be what is broken."""
    response = _render("trouble.html", Brand(), {})
    response.status_code = 500
    return response


def _impersonal(
    template: str, chosen: ChannelSettings, context: dict[str, object], status: int
) -> HttpResponse:
    """A page for whoever asks, in the brand of the channel that has these settings: it says
    nothing of any order."""
    brand, shop_name = Brand.of(chosen.values), current_shop().name(chosen)
    response = _render(template, brand, {"shop_name": shop_name, **context})
    response.status_code = status
    return response


def _render(
    template: str,
    brand: Brand,
    context: dict[str, object],
    *,
    form_targets: list[str] | None = None,
    pictures: list[str] | None = None,
    watched: bool = False,
) -> HttpResponse:
    sheet = sheet_for(brand.colour)
    known = {**ABSENT, "styles": sheet, "brand": brand, **context}
    response = HttpResponse(ENGINE.get_template(template).render(Context(known)))
    response.headers["Content-Security-Policy"] = content_security_policy(
        form_targets or [],
        styles=source_of(sheet),
        pictures=[*(pictures or []), *filter(None, [brand.logo_source])],
        watched=watched,
    )
    return response


def _state(view: PaymentRequestView) -> str:
    """What browsers show as the page's name, and screen readers say first. Nothing of the order:
    some previews show it."""
    if view.is_order_canceled:
        return _("Cancelled")
    return {
        RequestStatus.DUE: _("Payment due"),
        RequestStatus.PROCESSING: _("Payment on its way"),
        RequestStatus.PAID: _("Paid"),
        RequestStatus.PAID_OUTSIDE: _("Already paid"),
        RequestStatus.REFUNDED: _("Refunded"),
        RequestStatus.CANCELED: _("Cancelled"),
        RequestStatus.EXPIRED: _("Link expired"),
    }[view.status]


def _changed(
    view: PaymentRequestView, refusal: LinkError | None, form: PayForm | None
) -> tuple[Change, ...]:
    """What has changed about the order since the customer looked."""
    if refusal is None or form is None or refusal.code is not LinkErrorCode.AMOUNT_CHANGED:
        return ()
    return changes_since_look(view.order, form.look)


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
    return ["'self'", *view.page_sources]

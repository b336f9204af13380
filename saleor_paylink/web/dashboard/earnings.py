"""What the frame of the earnings asks for besides GraphQL, which knows no movements, and no sums
of a provider.

Each call says by its token who asks, and is held against their rights anew: HANDLE_PAYMENTS, as for
`paymentEarnings`, and the channels that they may see.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Any

import graphene
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone

from saleor_paylink.addresses import client_address
from saleor_paylink.earnings import exporting, movements
from saleor_paylink.earnings.explaining import (
    Explanation,
    HiddenOrder,
    NoSuchOrder,
    Reason,
    explain,
)
from saleor_paylink.earnings.movements import Line, Wanted
from saleor_paylink.earnings.report import OfProvider, by_provider
from saleor_paylink.links import limits
from saleor_paylink.links.limits import Limit
from saleor_paylink.links.listing import NotAPosition, Page, Position
from saleor_paylink.models import LedgerEntry
from saleor_paylink.money import Money, with_its_decimals
from saleor_paylink.shop import current_shop
from saleor_paylink.web.dashboard.desk import Bearer, Desk
from saleor_paylink.web.dashboard.headers import download_policy
from saleor_paylink.web.dashboard.views import bearers_token
from saleor_paylink.web.streaming import streamed
from saleor_paylink.web.views import FORM, takes

# In an hour. A person who turns pages as fast as they come stays below; and of the files, of which
# each may be the whole ledger, nobody needs many.
LOOKING = Limit("earnings", per_token=1200, per_address=6000)
EXPORTING = Limit("earnings-export", per_token=30, per_address=120)
LONGEST_PAGE = 100
LONGEST_TEXT = 255
FIGURES = ("gross", "refunded", "disputed", "fees", "net")

View = Callable[[HttpRequest, Bearer], HttpResponseBase]
DeskView = Callable[..., HttpResponseBase]


def for_bearers(limit: Limit, token_of: Callable[[HttpRequest], str]) -> Callable[[View], DeskView]:
    """Let those in that may see earnings. 401: the page has to be reloaded, so that the Dashboard
    vouches for its user again; 403: they lack the permission."""

    def decorate(view: View) -> DeskView:
        @wraps(view)
        def guarded(request: HttpRequest, desk: Desk) -> HttpResponseBase:
            token = token_of(request)
            limits.count(limit, token, client_address(request.META))
            bearer = desk.bearer(token)
            if bearer is None:
                return JsonResponse({}, status=401)
            if not bearer.handles_payments:
                raise PermissionDenied
            with current_shop().writer():
                return view(request, bearer)

        return guarded

    return decorate


def forms_token(request: HttpRequest) -> str:
    """The token in a form; empty in any other body, which is not read at all."""
    return str(request.POST.get("token", "")) if request.content_type == FORM else ""


@takes("GET")
@for_bearers(LOOKING, bearers_token)
def setting(request: HttpRequest, bearer: Bearer) -> HttpResponse:
    """What can be chosen: the channels; and which day it is in the shop, whose days they are."""
    slugs = set(current_shop().channels().values())
    seen = slugs if bearer.channels is None else slugs.intersection(bearer.channels)
    zone = timezone.get_current_timezone_name()
    return JsonResponse({"channels": sorted(seen), "today": timezone.localdate(), "timeZone": zone})


@takes("GET")
@for_bearers(LOOKING, bearers_token)
def providers(request: HttpRequest, bearer: Bearer) -> HttpResponse:
    """What came in at each provider, to be held against that one's own report."""
    wanted = _wanted(request.GET, bearer)
    found = by_provider(channels=wanted.channels, start=wanted.start, end=wanted.end)
    shown = [_at_provider(each) for each in found if wanted.has_currency(each.currency)]
    return JsonResponse({"providers": shown})


@takes("GET")
@for_bearers(LOOKING, bearers_token)
def listing(request: HttpRequest, bearer: Bearer) -> HttpResponse:
    """A currency's movements, newest first, shaped as a connection of GraphQL."""
    wanted, asked = _wanted(request.GET, bearer), request.GET
    if wanted.currency is None:  # no index has the order of all of them
        raise BadRequest
    backwards = "last" in asked
    cursor = asked.get("before" if backwards else "after")
    limit = _number(asked.get("last" if backwards else "first", ""))
    try:
        beyond = Position.at(cursor) if cursor else None
        page = movements.newest(wanted, limit, beyond, backwards=backwards)
    except NotAPosition:
        raise BadRequest from None
    return JsonResponse(_connection(page, beyond is not None, backwards, _count(wanted)))


@takes("GET")
@for_bearers(LOOKING, bearers_token)
def why(request: HttpRequest, bearer: Bearer) -> HttpResponse:
    """Why an order is, or is not, in what is looked at. The words for it are the frame's."""
    number, wanted = _text(request.GET, "order") or "", _wanted(request.GET, bearer)
    try:
        found = explain(number, wanted, Wanted(channels=bearer.channels))
    except NoSuchOrder:
        return JsonResponse({"reasons": [{"because": "NO_SUCH_ORDER"}], "lines": []})
    except HiddenOrder:
        return JsonResponse({"reasons": [{"because": "HIDDEN"}], "lines": []})
    return JsonResponse(_explanation(found))


@takes("POST")
@for_bearers(EXPORTING, forms_token)
def export(request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
    """The movements as a file.

    Asked for by a form, which alone lets a browser write to disk what it receives without holding
    all of it in memory, and without a URL that opens it to whoever learns of that: forms cannot
    set a header, so that the token comes in the body. That no other site can send one: it has none.
    """
    wanted = _wanted(request.POST, bearer)
    answer = streamed(request, exporting.csv_of(wanted), "text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_name_of_file(wanted)}"'
    answer.headers["Content-Security-Policy"] = download_policy()
    return answer


def _name_of_file(wanted: Wanted) -> str:
    ends = (("from", wanted.start), ("to", wanted.end))
    return "-".join(["earnings", *(f"{name}-{day}" for name, day in ends if day)]) + ".csv"


def _wanted(asked: Mapping[str, Any], bearer: Bearer) -> Wanted:
    """Raises BadRequest, and PermissionDenied for a channel that they may not see."""
    channel = _text(asked, "channel")
    visible = Wanted(channels=bearer.channels)
    if channel is not None and not visible.has_channel(channel):
        raise PermissionDenied
    return Wanted(
        channels=bearer.channels if channel is None else [channel],
        currency=_text(asked, "currency"),
        start=_day(asked, "start"),
        end=_day(asked, "end"),
    )


def _text(asked: Mapping[str, Any], name: str) -> str | None:
    text = str(asked.get(name, ""))
    if len(text) > LONGEST_TEXT or "\x00" in text:
        raise BadRequest
    return text or None


def _day(asked: Mapping[str, Any], name: str) -> date | None:
    text = _text(asked, name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadRequest from None


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= LONGEST_PAGE:
        raise BadRequest
    return int(text)


def _count(wanted: Wanted) -> int:
    return sum(movements.counts(wanted).values())


def _connection(
    page: Page[LedgerEntry], is_beyond: bool, backwards: bool, total: int
) -> dict[str, Any]:
    cursors = [position.cursor for position, _entry in page.rows]
    shown = movements.lines([entry for _position, entry in page.rows])
    return {
        "totalCount": total,
        "edges": [{"node": _line(each)} for each in shown],
        "pageInfo": {
            "hasNextPage": is_beyond if backwards else page.has_more,
            "hasPreviousPage": page.has_more if backwards else is_beyond,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _explanation(found: Explanation) -> dict[str, Any]:
    return {
        "number": found.number,
        "orderId": _order_id(found.order_id),
        "reasons": [_reason(each) for each in found.reasons],
        "lines": [_line(each) for each in found.lines],
    }


def _at_provider(sums: OfProvider) -> dict[str, Any]:
    figures = {name: _money(getattr(sums, name)) for name in FIGURES}
    return {
        "provider": sums.provider,
        "currency": sums.currency,
        "paymentCount": sums.payment_count,
        **figures,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "because": reason.because.value,
        "money": reason.money and _money(reason.money),
        "first": reason.first,
        "last": reason.last,
        "channel": reason.channel,
    }


def _line(line: Line) -> dict[str, Any]:
    entry = line.entry
    known = line.order_number is not None
    return {
        "id": str(entry.pk),
        "at": entry.occurred_at,
        "kind": entry.kind,
        "order": {"id": _order_id(entry.order_id), "number": line.order_number} if known else None,
        "channel": entry.channel,
        "provider": entry.provider,
        "reference": entry.reference,
        "amount": _money(movements.effect(entry)),
    }


def _order_id(order_id: Any) -> str:
    return str(graphene.Node.to_global_id("Order", order_id))


def _money(money: Money) -> dict[str, str]:
    """As text: a number of JavaScript would not hold every amount."""
    exact = with_its_decimals(money)
    return {"amount": f"{exact.amount:f}", "currency": exact.currency}

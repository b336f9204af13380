"""The ways to pay, as they are offered to a customer to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from saleor_paylink.links.bearer import PaymentRequestView
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.providers.interface import Method, MethodKind


@dataclass(frozen=True)
class Choice:
    """A method. `has_failed`: the last try was made with it."""

    method: Method
    hint: str
    has_failed: bool
    is_chosen: bool

    @property
    def mark(self) -> str:
        """The template that draws the mark of its kind."""
        return f"marks/{self.method.kind.value}.svg"


def choices(
    view: PaymentRequestView, refusal: LinkError | None = None, clicked: str | None = None
) -> Sequence[Choice]:
    """The methods of a payment request. Ticked is the one that was `clicked` before, unless that
    failed and another may do."""
    failed = _failed(view, refusal, clicked)
    ids = [method.id for method in view.methods]
    usual = clicked if clicked in ids else next(iter(ids), None)
    others = [method.id for method in view.methods if _may_do(method, failed, refusal)]
    ticked = next(iter(others), usual) if failed else usual
    hints = _hints()
    return [
        Choice(
            method,
            hints.get(method.kind, ""),
            has_failed=method.id == failed,
            is_chosen=method.id == ticked,
        )
        for method in view.methods
    ]


def suggested(offered: Sequence[Choice]) -> Method | None:
    """What is suggested in place of the method that has failed, if there is anything."""
    if not any(each.has_failed for each in offered):
        return None
    return next((each.method for each in offered if each.is_chosen and not each.has_failed), None)


def _failed(view: PaymentRequestView, refusal: LinkError | None, clicked: str | None) -> str | None:
    """The method that the last try was made with, if nothing came of it."""
    if refusal is None:
        return view.last_try.method if view.last_try else None
    return clicked if refusal.code is LinkErrorCode.PROVIDER_ERROR else None


def _may_do(method: Method, failed: str | None, refusal: LinkError | None) -> bool:
    """Whether the method is worth a try after that one failed."""
    if refusal is None:
        return method.id != failed
    # It is the provider that cannot be reached: its other methods would hardly do better.
    return method.provider != (failed or "").partition(":")[0]


def _hints() -> dict[MethodKind, str]:
    return {
        MethodKind.DEBIT: _("Your bank takes a few days."),
        MethodKind.LATER: _("Pay later, or in parts."),
        MethodKind.CASH: _("You get a voucher to pay with."),
    }

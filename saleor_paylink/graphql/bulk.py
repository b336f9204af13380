"""One thing done to many: a bad one does not undo a good one."""

import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

import graphene
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from saleor_paylink.failures import log_failure
from saleor_paylink.graphql.errors import PaymentLinkError, error_of, errors_in
from saleor_paylink.graphql.host import kit
from saleor_paylink.graphql.types import BaseObject, PaymentLink, list_of
from saleor_paylink.links.errors import LinkError, LinkErrorCode
from saleor_paylink.models import PaymentLink as Link

logger = logging.getLogger(__name__)

Key = TypeVar("Key")

MOST_AT_ONCE = 100


class PaymentLinkBulkResult(BaseObject):
    payment_link = graphene.Field(PaymentLink)
    errors = list_of(PaymentLinkError)

    class Meta:
        description = "What became of one of many."


def check_number(ids: Sequence[str], field: str) -> None:
    """Raises LinkError for more than may be asked for at once."""
    if len(ids) > MOST_AT_ONCE:
        message = _("Give at most %(most)s at once.") % {"most": MOST_AT_ONCE}
        raise LinkError(LinkErrorCode.INVALID, message, field)


def do_for_each(
    ids: Sequence[str],
    field: str,
    find: Callable[[str], Key],
    do: Callable[[Key], Link],
    terms: Collection[str] = (),
) -> tuple[list[PaymentLinkBulkResult], int]:
    """The results in the order of the ids, and how many links it was done for.

    `find` answers what an id names, and `do` is done once for each such thing, in a transaction
    of its own: an id that is repeated has the same result again. Whatever either of them raises
    is that one's own error: about `field`, unless it is about one of the `terms` that are given
    for all of them, or about nothing that is given.
    """
    done: dict[Key, PaymentLinkBulkResult] = {}

    def result_of(global_id: str) -> PaymentLinkBulkResult:
        key = find(global_id)
        if key not in done:
            done[key] = _attempt(partial(_success, do, key), field, terms)
        return done[key]

    results = [_attempt(partial(result_of, each), field, terms) for each in ids]
    return results, sum(1 for each in done.values() if not each.errors)


def _success(do: Callable[[Key], Link], key: Key) -> PaymentLinkBulkResult:
    return PaymentLinkBulkResult(payment_link=do(key), errors=[])


def _attempt(
    work: Callable[[], PaymentLinkBulkResult], field: str, terms: Collection[str]
) -> PaymentLinkBulkResult:
    try:
        return work()
    except LinkError as refusal:
        is_other = refusal.field is None or refusal.field in terms
        errors = [error_of(refusal, refusal.field if is_other else field)]
    except ValidationError as error:
        errors = errors_in(error)
    except kit().permission_denied:
        message = _("There is no such thing in the channels that you may see. Check the id.")
        errors = [error_of(LinkError(LinkErrorCode.NOT_FOUND, message), field)]
    except Exception:
        # The others were done or are still to be done, and whoever asks has to know of which.
        log_failure(logger, "One of many links failed:")
        message = _("Something went wrong. Look at this one again.")
        errors = [error_of(LinkError(LinkErrorCode.INVALID, message), field)]
    return PaymentLinkBulkResult(payment_link=None, errors=errors)

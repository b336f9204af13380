"""All that the frames say, for the translators to find and for the browser to take along.

Words that count are told by the plural categories of the language (CLDR's, as Intl.PluralRules
names them). {words in braces} are filled in by the browser.
"""

from collections.abc import Callable
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from saleor_paylink.formats import locale_of
from saleor_paylink.languages import spoken

# Enough numbers to meet every category that whole numbers have in any language.
NUMBERS = (*range(200), 1_000_000)

Text = str | dict[str, Any]


def texts_in(language: str) -> dict[str, Any]:
    """The texts in the closest language that there is, that language, and which way it runs."""
    with translation.override(spoken(language, settings.LANGUAGE_CODE)):
        lang = pgettext("the language code of these texts", "en")
        return {"lang": lang, "dir": locale_of(lang).text_direction, "texts": _texts()}


def _plural(sentence: Callable[[int], str]) -> dict[str, str]:
    """A sentence for each plural category of the active language."""
    locale: Locale = locale_of(translation.get_language())
    forms: dict[str, str] = {}
    for number in NUMBERS:
        forms.setdefault(locale.plural_form(number), sentence(number))
    return forms


def _texts() -> dict[str, Text]:
    return {
        **_frame(),
        **_collection(),
        **_link(),
        **_prompt(),
        **_actions(),
        **_lists(),
        **_exceptions(),
        **_earnings(),
        **_looking(),
        **_movements(),
        **_why(),
    }


def _frame() -> dict[str, Text]:
    return {
        "title": _("Payment links"),
        "loading": _("Loading…"),
        "noscript": _("This part of the Dashboard needs JavaScript."),
        "noOrder": _("Open this from an order's page."),
        "gone": _("This order is not there any more."),
        "expired": _("Your access has run out. Reload the page to go on."),
        "denied": _("You do not have the permission for this."),
        "offline": _("The shop cannot be reached. What you see may be out of date."),
        "nothingDone": _("The shop cannot be reached. Nothing was done: try again later."),
        "unanswered": _(
            "The shop did not answer, so nobody knows whether this was done. Look again once the "
            "shop can be reached, before you do it a second time."
        ),
        "noDashboard": _(
            "The Dashboard does not answer. Reload the page. If that does not help, ask whoever "
            "runs the shop to look at the App “Payment links” and at PAYLINK_DASHBOARD_URL."
        ),
        "failed": _("Something went wrong in the shop, and nothing is sure to have changed."),
        "previewByHand": _(
            "The address is copied: open it in another tab. It is for you only, as what is seen "
            "there does not count as a visit. For the customer, use Copy."
        ),
        "openByHand": _("Its address is copied: open it in another tab."),
        "tryAgain": _("Try again"),
        "cancel": _("Cancel"),
        "never": _("never"),
    }


def _collection() -> dict[str, Text]:
    return {
        "status.OFFERED": _("Not collected yet"),
        "status.SKIPPED": _("Skipped"),
        "status.AWAITING": _("Waiting for payment"),
        "status.EXPIRED": _("Link expired"),
        "status.PROCESSING": _("Payment on its way"),
        "status.COLLECTED": _("Paid"),
        "status.SETTLED_MANUALLY": _("Marked as paid"),
        "status.REJECTED": _("Rejected"),
        "status.UNAVAILABLE": _("No payment link"),
        "says.OFFERED": _("Send the customer a secure link to pay this order online."),
        "says.SKIPPED": _("Collecting was skipped. You can still create a payment link."),
        "says.AWAITING": _("The order waits, unconfirmed, until the customer has paid."),
        "says.EXPIRED": _("The customer can no longer pay. Give the link a new expiry."),
        "says.PROCESSING": _("The customer has paid by a method that takes days to arrive."),
        "says.COLLECTED": _("Paid in full over the payment link."),
        "says.SETTLED_MANUALLY": _("You took this money yourselves. It is not in the earnings."),
        "says.REJECTED": _("The order is cancelled, and its link is closed."),
        "reason.DRAFT": _("Finalize this draft to collect its payment."),
        "reason.NO_METHOD": _("No payment method can take this amount in this channel."),
        "reason.NOTHING_DUE": _("Nothing is due for this order."),
        "reason.CANCELED": _("This order is cancelled."),
        "reason.EXPIRED": _("This order has expired."),
        "reason.FULFILLED": _("This order is fulfilled already."),
        "reason.PLUGIN_INACTIVE": _("Payment links are switched off in this channel."),
        "warning.NO_CUSTOMER_EMAIL": _("The order has no email address. Share the link yourself."),
        "warning.EMAIL_NOT_CONFIGURED": _("This shop cannot send mail. Share the link yourself."),
        "warning.TEST_MODE": _("Test mode: no real money moves."),
        "warning.LINK_EXPIRES_SOON": _("The link expires within a day."),
        "warning.CUSTOMER_IS_PAYING": _("A payment is on its way. Do not take the money again."),
        "warning.ORDER_CHANGED_SINCE_SENT": _(
            "The order has changed since the customer was sent the link."
        ),
        "due": _("Amount due"),
        "paid": _("Paid"),
        "payingNow": _("The customer is paying now"),
        "attention": _plural(
            lambda count: ngettext(
                "{count} payment needs your attention",
                "{count} payments need your attention",
                count,
            )
        ),
        "decide": _("Decide what to do"),
        "says.REST": _("A part is paid. Create another link for what is still due."),
    }


def _link() -> dict[str, Text]:
    return {
        "collect": _("Collect payment"),
        "linkAddress": _("Payment link"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "copyByHand": _("The link is selected: press Ctrl+C or ⌘C to copy it."),
        "qr": _("QR code"),
        "qrAlt": _("QR code of the payment link, to be scanned by the customer"),
        "preview": _("See as customer"),
        "sendByMail": _("Send by email"),
        "sendAgain": _("Send again"),
        "notYet": _("not yet"),
        "fact.opened": _("Last opened"),
        "fact.sent": _("Last sent"),
        "fact.expires": _("Expires"),
        "fact.reminder": _("Next reminder"),
        "reminders.stop": _("Stop reminders"),
        "reminders.stopped": _("Reminders are stopped"),
        "reminders.resume": _("Remind again"),
        "fact.deposit": _("Deposit"),
        "fact.note": _("Note to the customer"),
        "more": _("More actions"),
        "more.markPaid": _("Mark as paid…"),
        "more.reject": _("Reject order…"),
        "more.sync": _("Check with the provider"),
        "more.extendLink": _("Change expiry…"),
        "more.rotate": _("New address…"),
        "more.revoke": _("Close link…"),
        "attempts": _("Attempts to pay"),
        "attempt.OPEN": _("Open"),
        "attempt.PROCESSING": _("On its way"),
        "attempt.PAID": _("Paid"),
        "attempt.FAILED": _("Failed"),
        "attempt.EXPIRED": _("Expired"),
        "attempt.CANCELED": _("Ended"),
        "seeAtProvider": _("See at {provider}"),
        "timeline": _("What happened"),
        "older": _plural(
            lambda count: ngettext("{count} older entry", "{count} older entries", count)
        ),
    }


def _prompt() -> dict[str, Text]:
    return {
        "prompt.title": _("Collect automated payment?"),
        "prompt.what": _("The customer pays order #{number} online ({methods})."),
        "prompt.note": _("Note to the customer (optional)"),
        "prompt.noteHint": _("Stands in the email and on the payment page."),
        "prompt.expires": _("Expires on (optional)"),
        "prompt.expiresHint": _("Empty: as set for the channel."),
        "prompt.deposit": _("Deposit (optional)"),
        "prompt.depositHint": _("{currency}. Empty: all that is due."),
        "prompt.send": _("Create and send"),
        "prompt.create": _("Create link"),
        "prompt.skip": _("Skip"),
        "prompt.later": _("If you skip, you can still create a link from the order's page."),
        "prompt.sent": _("The payment link is on its way to the customer."),
        "prompt.created": _("The payment link is ready to be shared."),
        "prompt.skipped": _("Collecting the payment was skipped."),
        "prompt.changed": _("The amount due has changed to {amount}."),
        "prompt.hadLink": _(
            "This order had a link already, and no other was made. What you typed was not used: "
            "what is true of that link stands below."
        ),
        "prompt.notSkipped": _(
            "This order has a link already, so it was not skipped. To end it, close the link."
        ),
        "prompt.over": _(
            "Meanwhile the order has changed: its payment can no longer be collected, and nothing "
            "of what you typed was used."
        ),
    }


def _actions() -> dict[str, Text]:
    return {
        "send.title": _("Send the payment link"),
        "send.againTitle": _("Send the payment link again"),
        "send.same": _("The link stays the same, however often it is sent."),
        "send.to": _("Email address"),
        "send.note": _("Note to the customer (optional)"),
        "send.noteHint": _("Stands in this email."),
        "send.copy": _("Send me a copy"),
        "send.action": _("Send"),
        "send.done": _("The payment link is on its way."),
        "sync.done": _("The provider was asked. What you see is up to date."),
        "markPaid.title": _("Mark as paid by hand?"),
        "markPaid.what": _("You say that you have taken {amount} for order #{number} yourselves."),
        "markPaid.follows": _(
            "It is not counted in the earnings, the link closes, and the order is confirmed. "
            "This cannot be undone."
        ),
        "markPaid.reference": _("Reference (optional)"),
        "markPaid.note": _("Note among staff (optional)"),
        "markPaid.action": _("Mark as paid"),
        "markPaid.changed": _(
            "Nothing was booked: the amount due has changed to {amount} meanwhile. Cancel, look at "
            "the order, and try again."
        ),
        "markPaid.done": _("The order is marked as paid."),
        "reject.title": _("Reject order #{number}?"),
        "reject.follows": _(
            "The order is cancelled, its stock is freed, and the link closes. "
            "This cannot be undone."
        ),
        "reject.reason": _("Reason (optional)"),
        "reject.reasonHint": _("For the order's history."),
        "reject.action": _("Reject order"),
        "reject.done": _("The order is rejected."),
        "extend.title": _("Change the expiry"),
        "extend.follows": _("The link stays the same. An expired one can be paid again."),
        "extend.until": _("Can be paid until the end of"),
        "extend.untilHint": _("Empty: as set for the channel, counted from today."),
        "extend.action": _("Set expiry"),
        "extend.done": _("The link has a new expiry."),
        "rotate.title": _("Give the link a new address?"),
        "rotate.follows": _(
            "The old address stops working at once, also for the customer who has it. "
            "Send the new one afterwards."
        ),
        "rotate.action": _("New address"),
        "rotate.done": _("The link has a new address. Send it to the customer."),
        "revoke.title": _("Close the payment link?"),
        "revoke.follows": _(
            "The customer cannot pay over it any more, and the order no longer waits for it. "
            "You can create another link later."
        ),
        "revoke.action": _("Close link"),
        "revoke.done": _("The payment link is closed."),
    }


def _lists() -> dict[str, Text]:
    return {
        "tab.links": _("Links"),
        "tab.exceptions": _("Exceptions"),
        "list.search": _("Search"),
        "list.searchHint": _("Order number or email"),
        "list.status": _("Status"),
        "list.status.open": _("Waiting for payment"),
        "list.status.EXPIRED": _("Expired"),
        "list.status.PAID": _("Paid"),
        "list.status.PAID_MANUALLY": _("Paid outside"),
        "list.status.REVOKED": _("Closed"),
        "list.status.all": _("All"),
        "list.opened": _("Opened"),
        "list.opened.any": _("Any"),
        "list.opened.yes": _("Opened by the customer"),
        "list.opened.no": _("Never opened"),
        "list.sent": _("Sent"),
        "list.sent.any": _("Any"),
        "list.sent.yes": _("Sent by email"),
        "list.sent.no": _("Never sent"),
        "list.select": _("Select order #{number}"),
        "list.selectAll": _("Select all on this page"),
        "list.send": _plural(
            lambda count: ngettext("Send {count} link", "Send {count} links", count)
        ),
        "list.send.follows": _(
            "Each customer gets an email with their link, also those who have got one before."
        ),
        "list.send.how": _("The links and what they ask for stay the same."),
        "list.send.action": _("Send"),
        "list.send.done": _plural(
            lambda count: ngettext(
                "{count} link is on its way", "{count} links are on their way", count
            )
        ),
        "list.create": _plural(
            lambda count: ngettext("Create {count} new link", "Create {count} new links", count)
        ),
        "list.create.follows": _(
            "Each of these orders gets another link, for all that is still due. Where nothing is "
            "due, or a link is open already, none is made. Nothing is sent."
        ),
        "list.create.how": _(
            "The new links end as set for the channel. The deposit, the expiry and the note of "
            "the old ones are not taken over."
        ),
        "list.create.action": _("Create"),
        "list.create.done": _plural(
            lambda count: ngettext("{count} link is ready", "{count} links are ready", count)
        ),
        "list.notDone": _plural(
            lambda count: ngettext(
                "It was not done for {count} link", "It was not done for {count} links", count
            )
        ),
        "list.hint": _(
            "Select links that wait to send them, or expired and closed ones to create others."
        ),
        "column.order": _("Order"),
        "column.status": _("Status"),
        "column.amount": _("Amount"),
        "column.created": _("Created"),
        "column.opened": _("Last opened"),
        "column.sent": _("Last sent"),
        "column.expires": _("Expires"),
        "link.ACTIVE": _("Waiting"),
        "link.PROCESSING": _("On its way"),
        "link.PAID": _("Paid"),
        "link.PAID_MANUALLY": _("Paid outside"),
        "link.EXPIRED": _("Expired"),
        "link.REVOKED": _("Closed"),
        "page.pages": _("Pages"),
        "page.previous": _("Previous"),
        "page.next": _("Next"),
        "page.total": _plural(lambda count: ngettext("{count} in all", "{count} in all", count)),
        "empty.none": _("No payment links yet"),
        "empty.none.says": _(
            "Complete a draft order and choose “Create and send”: its link then stands here until "
            "it is paid."
        ),
        "empty.done": _("No link waits for its payment"),
        "empty.done.says": _(
            "Links that wait stand here until they are paid. To see older ones, choose another "
            "status."
        ),
        "empty.nothing": _("Nothing found"),
        "empty.nothing.says": _("Choose another status, or search for something else."),
    }


def _exceptions() -> dict[str, Text]:
    return {
        "exceptions.says": _("Money that arrived otherwise than it was asked for."),
        "exceptions.resolved": _("Show those that are decided"),
        "exceptions.denied": _("To decide about money you need the permission to handle payments."),
        "exceptions.order": _("Order #{number}"),
        "exceptions.provider": _("See at the provider"),
        "kind.DUPLICATE": _("Paid twice"),
        "kind.LATE": _("Paid too late"),
        "kind.MISMATCH": _("Not what was asked for"),
        "kind.OVERPAID": _("Too much"),
        "kind.ORPHAN": _("Of no known order"),
        "resolution.REFUNDED": _("Refunded"),
        "resolution.KEPT": _("Kept"),
        "resolution.DISMISSED": _("Dismissed"),
        "decide.REFUNDED": _("Refund"),
        "decide.REFUNDED.title": _("Refund {amount}?"),
        "decide.REFUNDED.follows": _(
            "The customer gets {amount} back, by the way it was paid. This cannot be undone."
        ),
        "decide.KEPT": _("Keep"),
        "decide.KEPT.title": _("Keep {amount}?"),
        "decide.KEPT.follows": _("It counts as paid for the order."),
        "decide.DISMISSED": _("Dismiss"),
        "decide.DISMISSED.title": _("Dismiss this?"),
        "decide.DISMISSED.follows": _("Nothing moves, and nobody is asked about {amount} again."),
        "decide.changed": _(
            "Nothing was done: {amount} is in question now. Cancel, look at it again, and decide."
        ),
        "decide.over": _(
            "Nothing was done: this has been decided already. Cancel, and look again."
        ),
        "empty.exceptions": _("Nothing needs you"),
        "empty.exceptions.says": _(
            "A payment that arrives twice, too late or with another amount stands here, until "
            "you say what becomes of it."
        ),
        "empty.resolved": _("Nothing was decided yet"),
        "empty.resolved.says": _("What you refund, keep or dismiss can be looked up here."),
    }


def _earnings() -> dict[str, Text]:
    return {
        "earnings.title": _("Earnings"),
        "earnings.says": _(
            "Money that came in by itself, through payment links and payment apps. What staff took "
            "by hand stands apart."
        ),
        "earnings.denied": _("To see earnings you need the permission to handle payments."),
        "earnings.feesIncomplete": _(
            "Not all fees are known yet: the net will be less by those that are missing. Other "
            "payment apps do not say theirs."
        ),
        "earnings.byHand": _plural(
            lambda count: ngettext(
                "By hand: {amount} in {count} payment. It is not in the figures above.",
                "By hand: {amount} in {count} payments. It is not in the figures above.",
                count,
            )
        ),
        "figure.net": _("Net"),
        "figure.gross": _("Gross"),
        "figure.refunded": _("Refunded"),
        "figure.disputed": _("Disputed"),
        "figure.fees": _("Fees"),
        "figure.manual": _("By hand"),
        "figure.count": _("Payments"),
        "compared.more": _("{amount} more net than before ({days}: {was})"),
        "compared.less": _("{amount} less net than before ({days}: {was})"),
        "compared.same": _("As much net as before ({days}: {was})"),
        "compared.nothing": _("Before that, nothing came in ({days})."),
        "compared.whole": _("The whole day to compare with ({days}) brought {was} net."),
        "chart.says": _(
            "Bars of gross and net. The highest net is {amount} ({period}). The table below says "
            "all of it."
        ),
        "table.show": _("As a table"),
        "table.providers": _("By payment provider"),
        "table.period": _("Period"),
        "download": _("Download CSV"),
        "download.begun": _("The file is being downloaded."),
        "empty.earnings": _("Nothing has come in yet"),
        "empty.earnings.says": _(
            "What customers pay over payment links, or through other payment apps, stands here to "
            "the cent. Complete a draft order and send its link: the first payment appears at once."
        ),
        "empty.period": _("Nothing came in"),
        "empty.period.says": _(
            "No money moved in this period, channel and currency. Choose others, or all time."
        ),
    }


def _looking() -> dict[str, Text]:
    return {
        "earnings.filters": _("What is shown"),
        "earnings.preset": _("Period"),
        "earnings.start": _("From"),
        "earnings.end": _("To"),
        "earnings.unit": _("Bars"),
        "earnings.channel": _("Channel"),
        "earnings.allChannels": _("All channels"),
        "earnings.currency": _("Currency"),
        "earnings.allCurrencies": _("All currencies"),
        "preset.today": _("Today"),
        "preset.yesterday": _("Yesterday"),
        "preset.week": _("This week"),
        "preset.seven": _("Last 7 days"),
        "preset.thirty": _("Last 30 days"),
        "preset.month": _("This month"),
        "preset.lastMonth": _("Last month"),
        "preset.year": _("This year"),
        "preset.lastYear": _("Last year"),
        "preset.twelve": _("Last 12 months"),
        "preset.all": _("All time"),
        "preset.own": _("Own range…"),
        "unit.fitting": _("As fits the period"),
        "unit.DAY": _("By day"),
        "unit.WEEK": _("By week"),
        "unit.MONTH": _("By month"),
        "week": _("Week of {day}"),
        "range.over": _("{days} (time zone: {zone})"),
        "range.running": _("{days}, so far (time zone: {zone})"),
    }


def _movements() -> dict[str, Text]:
    return {
        "movements.show": _("Show the movements"),
        "movements.title": _("Movements"),
        "movements.of": _("Movements: {period}"),
        "movements.none": _("No money moved."),
        "movements.time": _("Time ({zone})"),
        "movements.kind": _("Kind"),
        "movements.order": _("Order"),
        "movements.noOrder": _("of no order"),
        "movements.amount": _("Amount"),
        "movements.provider": _("Provider"),
        "movements.reference": _("Reference"),
        "moved.charge": _("Payment"),
        "moved.refund": pgettext("a movement of money", "Refund"),
        "moved.refund_reversal": _("Refund that came back"),
        "moved.dispute": _("Dispute"),
        "moved.dispute_reversal": _("Dispute won"),
        "moved.fee": _("Fee"),
        "moved.fee_correction": _("Fee corrected"),
        "moved.adjustment": _("Payment corrected"),
        "moved.manual": _("By hand"),
        "moved.manual_returned": _("By hand, given back"),
    }


def _why() -> dict[str, Text]:
    return {
        "why.title": _("Why is an order not in here?"),
        "why.number": _("Order number"),
        "why.ask": _("Explain"),
        "why.NO_SUCH_ORDER": _("There is no order of this number."),
        "why.HIDDEN": _("This order belongs to a channel that you cannot see."),
        "why.COUNTED": _("It is in here: it brought {amount} net."),
        "why.GIVEN_BACK": _(
            "It is in here, but all that came in has gone back: {amount} net are left."
        ),
        "why.BY_HAND": _(
            "{amount} were taken by hand. Such money stands apart: it is not in the figures."
        ),
        "why.OTHER_DAYS": _("Its money, {amount} net, moved outside this period: {days}."),
        "why.OTHER_CHANNEL": _(
            "Its money belongs to the channel {channel}, and another one is chosen."
        ),
        "why.OTHER_CURRENCY": _("Its money is in {currency}, and another currency is chosen."),
        "why.NOT_TAKEN_IN": _(
            "{amount} were paid through another payment app, and have not been taken in yet. Ask "
            "whoever runs the shop to run “manage.py paylink_ledger import”."
        ),
        "why.BY_GIFT_CARD": _(
            "{amount} were paid with a gift card. That brings nothing in: the sale of the card did."
        ),
        "why.NO_RECORD": _(
            "The shop says that {amount} came in for it, but has no record of how. Ask whoever "
            "runs the shop to run “manage.py paylink_ledger verify”."
        ),
        "why.DRAFT": _("It is a draft: nothing can be paid for it yet."),
        "why.CANCELED": _("It is cancelled, and nothing came in for it."),
        "why.EXPIRED": _("It has expired, and nothing came in for it."),
        "why.NOTHING_TO_PAY": _("It costs nothing, so that nothing came in."),
        "why.LINK_WAITING": _("Its payment link has not been paid yet."),
        "why.LINK_PROCESSING": _("The customer has paid, and the money is still on its way."),
        "why.LINK_EXPIRED": _("Its payment link expired before anybody paid."),
        "why.LINK_CLOSED": _("Its payment link was closed before anybody paid."),
        "why.UNPAID": _("Nothing has been paid for it, and there is no link to pay it over."),
    }

"""What paylink remembers. The constraints say what must never happen.

Orders are referred to by UUID and not by a foreign key: a constraint on the shop's own
table could block the shop's upgrades. Times are UTC; amounts are exact decimals of the
currency beside them, with the three decimals that Saleor keeps.
"""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from saleor_paylink.money import Money


class KnownChannel(models.Model):
    """A channel of the shop, by the shop's own id of it, and the name by which all rows here
    go that are its: see saleor_paylink.links.channels."""

    shop_id = models.CharField(max_length=64, unique=True)
    slug = models.CharField(max_length=255)


class PaymentCollection(models.Model):
    """Collecting for one order: what was offered and how the operator answered.

    Its row is the order's lock: whoever changes a link, an attempt or the ledger of an
    order locks it first, so that staff, customer, webhook and sweeper take turns.
    """

    order_id = models.UUIDField(unique=True)
    channel = models.CharField(max_length=255)
    offered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    skipped_at = models.DateTimeField(null=True)
    settled_manually_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    # When it is to be compared with its order again, whatever the shop told of it; null: never.
    compare_at = models.DateTimeField(null=True, default=timezone.now)
    # How often something happened that others may have to hear of, and up to where they have:
    # see saleor_paylink.links.announcements. Whoever tells them takes a lease.
    changes_made = models.PositiveIntegerField(default=0)
    changes_told = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    # What the order's public metadata were last made to say.
    told_state = models.JSONField(default=dict)
    # When the customer asked for no more reminders.
    reminders_stopped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["compare_at"],
                condition=Q(compare_at__isnull=False),
                name="paylink_collection_to_compare",
            ),
            models.Index(
                fields=["leased_until"],
                condition=Q(changes_told__lt=F("changes_made")),
                name="paylink_collection_to_tell",
            ),
        ]

    @property
    def prompt_pending(self) -> bool:
        return self.offered_at is not None and self.answered_at is None


class LinkStatus(models.TextChoices):
    ACTIVE = "active"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_MANUALLY = "paid_manually"
    EXPIRED = "expired"
    REVOKED = "revoked"


LINK_IN_FORCE = (LinkStatus.ACTIVE, LinkStatus.PROCESSING)

# Where lists of links put those that never expire, or that nobody has opened yet: after the
# last, and before the first.
NO_EXPIRY = Value(datetime(9999, 1, 1, tzinfo=UTC))
NOT_OPENED = Value(datetime(1970, 1, 1, tzinfo=UTC))
EXPIRY = Coalesce("expires_at", NO_EXPIRY)
LAST_OPENED = Coalesce("last_opened_at", NOT_OPENED)


class PaymentLink(models.Model):
    """The permanent capability URL of an order. It outlives the sessions opened from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(
        PaymentCollection, on_delete=models.CASCADE, related_name="links"
    )
    order_id = models.UUIDField(db_index=True)
    channel = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    requested_amount = models.DecimalField(max_digits=20, decimal_places=3, null=True)
    # The least that could be paid online when the link was made. Kept, so that what a deposit
    # asks for is the same wherever that is asked, whatever becomes of the channel's settings.
    least_rest = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    # What it asked for when that was last looked at: lists are sorted by it. What is to be paid
    # is asked of the order anew, each time.
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    message = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=LinkStatus.choices, default=LinkStatus.ACTIVE)
    # The token itself is not stored: see saleor_paylink.links.tokens.
    token_seed = models.UUIDField(default=uuid.uuid4)
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=64, blank=True)
    last_sent_at = models.DateTimeField(null=True)
    # When the next reminder is due, as last reckoned, and when the last one was queued: see
    # saleor_paylink.links.reminders.
    next_reminder_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    # Visits by people: crawlers, previews and staff do not count.
    first_opened_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    # What the order held when the link was made or last sent, and when it was last looked at:
    # see saleor_paylink.links.contents.
    contents_sent = models.JSONField(default=dict)
    contents_noticed = models.JSONField(default=dict)

    # Whether it has an attempt. No column: only links of tokens.find_link know.
    was_tried: bool

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order_id"],
                condition=Q(status__in=[status.value for status in LINK_IN_FORCE]),
                name="paylink_one_link_in_force_per_order",
            )
        ]
        # For saleor_paylink.links.listing.
        indexes = [
            models.Index(fields=["created_at", "id"], name="paylink_link_by_creation"),
            models.Index(fields=["amount", "id"], name="paylink_link_by_amount"),
            models.Index(LAST_OPENED, "id", name="paylink_link_by_opening"),
            models.Index(EXPIRY, "id", name="paylink_link_by_expiry"),
            # A channel's links, and those of a status, lie scattered among all the others.
            models.Index(
                fields=["channel", "created_at", "id"], name="paylink_channel_by_creation"
            ),
            models.Index(fields=["channel", "amount", "id"], name="paylink_channel_by_amount"),
            models.Index("channel", LAST_OPENED, "id", name="paylink_channel_by_opening"),
            models.Index("channel", EXPIRY, "id", name="paylink_channel_by_expiry"),
            models.Index(fields=["status", "created_at", "id"], name="paylink_status_by_creation"),
            models.Index("status", LAST_OPENED, "id", name="paylink_status_by_opening"),
            models.Index("status", EXPIRY, "id", name="paylink_status_by_expiry"),
            # For saleor_paylink.links.sweeper.
            models.Index(
                fields=["next_reminder_at"],
                condition=Q(next_reminder_at__isnull=False),
                name="paylink_link_to_remind_of",
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def current_status(self) -> LinkStatus:
        """The status now: expiry is judged when it is asked for, not when a task runs."""
        over = self.expires_at is not None and self.expires_at <= timezone.now()
        if over and self.status == LinkStatus.ACTIVE:
            return LinkStatus.EXPIRED
        return LinkStatus(self.status)


class AttemptStatus(models.TextChoices):
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELED = "canceled"


ATTEMPT_UNRESOLVED = (AttemptStatus.OPEN, AttemptStatus.PROCESSING)


class PaymentAttempt(models.Model):
    """One provider session opened from a link.

    `parameters`, `idempotency_key` and `expires_at` are stored before the provider is
    called, so that a call whose answer was lost can be repeated to the letter. Once the
    answer is there the parameters are forgotten: they hold the customer's address.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(PaymentLink, on_delete=models.CASCADE, related_name="attempts")
    # The link's; here because two open sessions of one order would be two payments, whatever
    # the links they were opened from, and a constraint cannot reach into another table.
    order_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    method = models.CharField(max_length=64)
    livemode = models.BooleanField()
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=16, choices=AttemptStatus.choices, default=AttemptStatus.OPEN
    )
    parameters = models.JSONField()
    idempotency_key = models.CharField(max_length=128, unique=True)
    provider_reference = models.CharField(max_length=255, null=True)
    redirect_url = models.TextField(blank=True)
    # Which of the URLs that its link has had opened it: a session of an earlier one is nobody's.
    token_seed = models.UUIDField()
    # Where a storefront wants its customer back; empty: the payment page.
    return_url = models.TextField(blank=True)
    provider_url = models.TextField(blank=True)
    failure_reason = models.CharField(max_length=512, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    # When the provider is to be asked again without being told to; null: never.
    next_check_at = models.DateTimeField(null=True)
    # When the provider was first asked to close it because nobody should pay it any more.
    closing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order_id"],
                condition=Q(status__in=[status.value for status in ATTEMPT_UNRESOLVED]),
                name="paylink_one_unresolved_attempt_per_order",
            ),
            models.UniqueConstraint(
                # In this order it also finds a reference, whoever the provider is.
                fields=["provider_reference", "provider"],
                name="paylink_one_attempt_per_session",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="paylink_attempt_to_check",
            )
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class ProviderEvent(models.Model):
    """One webhook event, kept from arrival: what failed stays visible and is retried.

    Only what the event points at is stored; its payload may hold personal data and is
    never needed, because the truth is fetched.
    """

    class Status(models.TextChoices):
        RECEIVED = "received"
        PROCESSED = "processed"
        FOREIGN = "foreign"
        FAILED = "failed"

    provider = models.CharField(max_length=32)
    channel = models.CharField(max_length=255)
    event_id = models.CharField(max_length=255)
    type = models.CharField(max_length=128)
    attempt_id = models.UUIDField(null=True)
    # Of which shop it says it is, where several share the provider's account.
    shop = models.CharField(max_length=255, blank=True)
    session_reference = models.CharField(max_length=255, blank=True)
    payment_reference = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    error = models.CharField(max_length=512, blank=True)
    tries = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="paylink_one_row_per_provider_event"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(status__in=["received", "failed"]),
                name="paylink_event_to_process",
            )
        ]


class LedgerKind(models.TextChoices):
    CHARGE = "charge"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    FEE = "fee"
    # Signed: what a fee turned out to be more (or less) than was booked of it.
    FEE_CORRECTION = "fee_correction"
    # Signed: what came in more (or less) than was booked of a charge.
    ADJUSTMENT = "adjustment"
    MANUAL = "manual"
    MANUAL_RETURNED = "manual_returned"


SIGNED = (LedgerKind.FEE_CORRECTION, LedgerKind.ADJUSTMENT)


class LedgerEntry(models.Model):
    """One movement of money. Rows are added, never changed: a correction is a new row. Only the
    name of their channel follows the channel's. The database refuses all else, and notes each new
    row as one whose day has not been summed up (migrations/0002_ledger.py).

    Amounts are positive; the kind gives them their direction, but for SIGNED ones.
    `reference` is the provider's id of the very movement, for manual money a key of our own;
    `payment_reference` is that of the payment which it belongs to. `occurred_at` is when it was
    settled, `booked_at` when it was written down here.
    """

    kind = models.CharField(max_length=16, choices=LedgerKind.choices)
    # Of money that others took: the app or the gateway, by the shop's name of it.
    provider = models.CharField(max_length=255)
    reference = models.CharField(max_length=255)
    payment_reference = models.CharField(max_length=255, blank=True, db_index=True)
    # Null only for orphan money: it belongs to no order that is known here.
    order_id = models.UUIDField(null=True, db_index=True)
    channel = models.CharField(max_length=255)
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.PROTECT)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "reference"],
                name="paylink_one_booking_per_provider_reference",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(kind__in=[kind.value for kind in SIGNED]),
                name="paylink_amount_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["currency", "occurred_at"], name="paylink_ledger_by_time"),
            # A small channel's movements lie far apart in that of all.
            models.Index(
                fields=["channel", "currency", "occurred_at"], name="paylink_ledger_of_channel"
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class PendingEntry(models.Model):
    """A ledger entry that is in no DaySum yet. The database adds it with the entry, so that
    nobody who books has to wait for the sums: see saleor_paylink.earnings.rollups."""

    # Entries are never deleted: a check of the key would cost every booking, and find nothing.
    entry = models.OneToOneField(
        LedgerEntry,
        primary_key=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
    )


class DaySum(models.Model):
    """The figures of a day's movements, but for those that are pending. Days are those of the
    SumsZone; what a figure is the sum of, is said by saleor_paylink.earnings.rollups."""

    day = models.DateField()
    channel = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=255)
    gross = models.DecimalField(max_digits=30, decimal_places=3)
    refunded = models.DecimalField(max_digits=30, decimal_places=3)
    disputed = models.DecimalField(max_digits=30, decimal_places=3)
    fees = models.DecimalField(max_digits=30, decimal_places=3)
    manual = models.DecimalField(max_digits=30, decimal_places=3)
    payments = models.IntegerField()
    # Of the payments: how many have their fee booked, in whatever currency.
    fees_known = models.IntegerField()
    manual_payments = models.IntegerField()
    movements = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "channel", "currency", "provider"],
                name="paylink_one_sum_per_day",
            )
        ]


class SumsZone(models.Model):
    """One row: the time zone of all DaySums, and the lock of whoever writes them. Without a name
    the sums are void, for example because a channel was renamed."""

    name = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="paylink_one_zone_of_sums")]


class TakenRow(models.Model):
    """A row of the shop's own books that needs no more looking at: what it moved is in the ledger,
    or it moved nothing. Written with the booking, it keeps a row from being booked twice, also
    where the shop says otherwise later of whose money it is."""

    key = models.CharField(max_length=64, primary_key=True)


class TakingWindow(models.Model):
    """From which line on the shop's books are looked through for rows that were not heard of: see
    saleor_paylink.links.taking. `seen` was the last line at `seen_at`, and is the next `after`."""

    kind = models.CharField(max_length=32, primary_key=True)
    after = models.BigIntegerField()
    seen = models.BigIntegerField()
    seen_at = models.DateTimeField(default=timezone.now)


class ShopPosting(models.Model):
    """A ledger entry that the shop has to be told of, once.

    Written with the entry in one transaction. Whoever tells the shop takes a lease first;
    a lease that ran out without `posted_at` means the teller died, and another may try.
    """

    entry = models.OneToOneField(LedgerEntry, on_delete=models.CASCADE, related_name="posting")
    releases_order = models.BooleanField()
    details = models.JSONField(default=dict)
    leased_until = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=512, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=Q(posted_at__isnull=True),
                name="paylink_posting_to_do",
            )
        ]


class ExceptionKind(models.TextChoices):
    DUPLICATE = "duplicate"
    LATE = "late"
    MISMATCH = "mismatch"
    OVERPAID = "overpaid"
    ORPHAN = "orphan"


class ExceptionResolution(models.TextChoices):
    REFUNDED = "refunded"
    KEPT = "kept"
    DISMISSED = "dismissed"


class PaymentException(models.Model):
    """Money that needs a person.

    `reference` is the provider's id of the payment; `amount` is what of it is in question.
    """

    kind = models.CharField(max_length=16, choices=ExceptionKind.choices)
    order_id = models.UUIDField(null=True, db_index=True)
    channel = models.CharField(max_length=255)
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.PROTECT)
    provider = models.CharField(max_length=32)
    reference = models.CharField(max_length=255)
    # The session that the payment was made in: not always the attempt's own.
    session_reference = models.CharField(max_length=255, blank=True)
    provider_url = models.TextField(blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    # What else of it is too much, and has been kept or dismissed when it was in question before.
    let_stand = models.DecimalField(max_digits=20, decimal_places=3, default=Decimal(0))
    raised_at = models.DateTimeField(default=timezone.now)
    resolution = models.CharField(max_length=16, choices=ExceptionResolution.choices, blank=True)
    resolved_at = models.DateTimeField(null=True)
    # When the provider is to be asked again about a payment in a session that is no attempt's
    # own; null: never, or whenever the attempt is checked.
    next_check_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "reference", "kind"],
                name="paylink_one_exception_of_a_kind_per_payment",
            ),
            models.CheckConstraint(
                condition=Q(resolution="", resolved_at__isnull=True)
                | (~Q(resolution="") & Q(resolved_at__isnull=False)),
                name="paylink_exception_resolved_with_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at", "id"],
                condition=Q(resolution=""),
                name="paylink_exception_open",
            ),
            models.Index(
                fields=["raised_at", "id"],
                condition=~Q(resolution=""),
                name="paylink_exception_resolved",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="paylink_exception_to_check",
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class RefundRequest(models.Model):
    """A refund that somebody here asked for: staff, the channel's policy, or the shop.

    Written before the provider is asked, which is told its id: asking again, however much
    later, finds the refund that was made and makes no second one. What has moved is booked
    when the payment is settled, like every other refund.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested"
        ACCEPTED = "accepted"
        # By the provider, at once or (a refund that failed at the bank) later.
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(max_length=32)
    channel = models.CharField(max_length=255)
    order_id = models.UUIDField(null=True, db_index=True)
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.PROTECT)
    exception = models.ForeignKey(PaymentException, null=True, on_delete=models.PROTECT)
    # What the shop calls its own request, where it came from there.
    shop_request = models.CharField(max_length=64, blank=True)
    payment_reference = models.CharField(max_length=255)
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    actor = models.JSONField(null=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.REQUESTED)
    provider_reference = models.CharField(max_length=255, blank=True)
    error = models.CharField(max_length=512, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    # From then on the provider may have made the refund, whether or not we heard of it.
    asked_at = models.DateTimeField(null=True)
    # When the shop was told what became of its request; null: it is still to be told.
    answered_at = models.DateTimeField(null=True)
    # When nothing was left to do: it was refused, or the money is known to have moved.
    ended_at = models.DateTimeField(null=True)
    # Somebody is at it until then, or it is too early to ask the provider again.
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exception"],
                condition=Q(ended_at__isnull=True) & ~Q(status="refused"),
                name="paylink_one_refund_at_a_time_per_exception",
            ),
            models.UniqueConstraint(
                fields=["shop_request"],
                condition=~Q(shop_request=""),
                name="paylink_one_refund_per_request_of_the_shop",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="paylink_refund_positive"),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=Q(ended_at__isnull=True),
                name="paylink_refund_to_make",
            )
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class RateCount(models.Model):
    """How often something was tried in a stretch of time: see saleor_paylink.links.limits.

    `key` is a digest: neither a token nor an address can be read from it.
    """

    key = models.CharField(max_length=64)
    window = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "window"], name="paylink_one_count_per_window")
        ]


class LinkEventType(models.TextChoices):
    OFFERED = "offered"
    SKIPPED = "skipped"
    CREATED = "created"
    SENT = "sent"
    SEND_FAILED = "send_failed"
    OPENED = "opened"
    ATTEMPT_STARTED = "attempt_started"
    ATTEMPT_FAILED = "attempt_failed"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_MANUALLY = "paid_manually"
    AMOUNT_CHANGED = "amount_changed"
    EXTENDED = "extended"
    ROTATED = "rotated"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REMINDED = "reminded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    EXCEPTION_RAISED = "exception_raised"
    EXCEPTION_RESOLVED = "exception_resolved"


class PaymentLinkEvent(models.Model):
    """One step in the life of a collection. The sentence for people is made when read."""

    collection = models.ForeignKey(
        PaymentCollection, on_delete=models.CASCADE, related_name="events"
    )
    link = models.ForeignKey(
        PaymentLink, null=True, on_delete=models.CASCADE, related_name="events"
    )
    type = models.CharField(max_length=24, choices=LinkEventType.choices)
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=255, blank=True)
    data = models.JSONField(default=dict)
    # What plugins and apps are told of it (a saleor_paylink.shop.Announcement); empty: nothing.
    announcement = models.CharField(max_length=16, blank=True)
    # When they were; null: they are still to be told.
    announced_at = models.DateTimeField(null=True)


class MailKind(models.TextChoices):
    REQUEST = "request"
    # Of a request, for the member of staff who sent it.
    COPY = "copy"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    # Of a payment that was on its way for a while, and then did not succeed.
    FAILURE = "failure"


# What asks the customer to pay.
ASKING = (MailKind.REQUEST, MailKind.REMINDER, MailKind.FAILURE)


class MailDelivery(models.Model):
    """One mail to the customer, or the copy of one to whoever sent it. `key` is unique: a receipt
    goes out once per payment."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        # There was no reason for it any more when its turn came.
        WITHDRAWN = "withdrawn"

    key = models.CharField(max_length=255, unique=True)
    kind = models.CharField(max_length=16, choices=MailKind.choices)
    link = models.ForeignKey(PaymentLink, on_delete=models.CASCADE, related_name="mails")
    entry = models.ForeignKey(LedgerEntry, null=True, on_delete=models.CASCADE)
    attempt = models.ForeignKey(PaymentAttempt, null=True, on_delete=models.CASCADE)
    # Only where staff gave another address for this one mail, and a copy's; cleared once it is
    # sent.
    recipient = models.EmailField(blank=True)
    # Whether that was another address than the order's.
    elsewhere = models.BooleanField(default=False)
    message = models.TextField(blank=True)
    # Whether its URL takes the place of one that the customer was mailed before.
    replaces = models.BooleanField(default=False)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    error = models.CharField(max_length=512, blank=True)
    actor = models.JSONField(null=True)
    leased_until = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(default=timezone.now)
    # From then on the mail server may have it, whether or not we heard of it.
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["leased_until"],
                condition=Q(status="queued"),
                name="paylink_mail_to_deliver",
            )
        ]

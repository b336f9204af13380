"""Webhooks: what Stripe has signed is read, and nothing else is."""

import json
import time

import pytest
import stripe as library
from hypothesis import given
from hypothesis import strategies as st

from saleor_paylink.providers.interface import BadSignature, EventRef
from saleor_paylink.providers.stripe.webhooks import verify
from sandbox.stripe.deliveries import signature
from tests.unit.providers.helpers import (
    ATTEMPT,
    NOW,
    SECRET,
    SHOP,
    event,
    open_session,
    signed,
    stripe,
)

SESSION = {
    "object": "checkout.session",
    "id": "cs_test_1",
    "metadata": {"saleor_paylink_attempt": ATTEMPT, "saleor_paylink_shop": SHOP},
    "payment_intent": "pi_1",
}
CHARGE = {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}
BODY = event(SESSION)
READ = [EventRef("evt_1", "checkout.session.completed", ATTEMPT, "cs_test_1", "pi_1", SHOP)]


def delivered(body, secret=SECRET, **settings):
    """Read a webhook that was signed just now."""
    return stripe(**settings).read_events(signed(body, secret, int(time.time())), body)


def refused(header, body=BODY, secrets=(SECRET,), now=NOW):
    with pytest.raises(BadSignature):
        verify(header, body, secrets, now)


# Who may


def test_what_stripe_has_signed_is_read():
    assert delivered(BODY) == READ


@pytest.mark.parametrize("name", ["stripe-signature", "STRIPE-SIGNATURE", "Stripe-Signature"])
def test_the_header_is_found_in_any_case(name):
    header = signature(BODY, SECRET, int(time.time()))
    assert stripe().read_events({"Host": "shop.example", name: header}, BODY) == READ


def test_the_body_is_taken_byte_by_byte():
    body = json.dumps(json.loads(BODY), indent=3).encode() + b"\r\n "
    assert delivered(body) == READ


@pytest.mark.parametrize("secret", ["whsec_old", "whsec_new"])
def test_either_secret_is_good_while_one_is_rolled(secret):
    assert delivered(BODY, secret, webhook_secret="whsec_old, whsec_new") == READ


def test_one_good_signature_among_several_is_enough():
    bad, good = signature(BODY, "whsec_old", NOW), signature(BODY, SECRET, NOW)
    verify(f"{bad},{good.partition(',')[2]},v0=abc", BODY, [SECRET], NOW)


@pytest.mark.parametrize("age", [-300, 0, 300])
def test_a_signature_is_good_for_five_minutes_either_way(age):
    verify(signature(BODY, SECRET, NOW), BODY, [SECRET], NOW + age)


@pytest.mark.parametrize("age", [-301, 301, 10**9])
def test_a_signature_that_is_older_or_from_the_future_is_refused(age):
    refused(signature(BODY, SECRET, NOW), now=NOW + age)


# Who may not


def test_no_header_is_refused():
    with pytest.raises(BadSignature):
        stripe().read_events({"Host": "shop.example"}, BODY)


def test_another_secret_is_refused():
    with pytest.raises(BadSignature):
        delivered(BODY, "whsec_other")


@pytest.mark.parametrize("changed", [BODY + b" ", BODY.replace(b"evt_1", b"evt_2"), b""])
def test_a_body_that_was_changed_is_refused(changed):
    refused(signature(BODY, SECRET, NOW), changed)


def test_a_timestamp_that_was_changed_is_refused():
    refused(signature(BODY, SECRET, NOW).replace(str(NOW), str(NOW + 1)))


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_everything_is_refused(secrets):
    refused(signature(BODY, "", NOW), secrets=secrets)


def test_a_provider_without_a_secret_refuses_what_an_empty_one_has_signed():
    with pytest.raises(BadSignature):
        delivered(BODY, "", webhook_secret="")


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "t",
        "garbage",
        f"t={NOW}",
        f"t={NOW},v1=",
        f"t={NOW},v1=ä",
        "v1=" + "0" * 64,
        "t=,v1=" + "0" * 64,
        "t=now,v1=" + "0" * 64,
        "t=-1,v1=" + "0" * 64,
        f"t={NOW}.0,v1=" + "0" * 64,
        "t=\u0661\u0662,v1=" + "0" * 64,
        "t=" + "9" * 5000 + ",v1=" + "0" * 64,
        signature(BODY, SECRET, NOW).replace("v1=", "v0="),
        signature(BODY, SECRET, NOW).replace("v1=", "v1=\u212a"),
        signature(BODY, SECRET, NOW)[:-1],
        signature(BODY, SECRET, NOW) + f",t={NOW}",
        signature(BODY, SECRET, NOW).upper(),
    ],
)
def test_a_header_that_is_no_signature_is_refused(header):
    refused(header)


@given(
    body=st.binary(max_size=200),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    age=st.sampled_from([0, 1, 250, 350, 10_000]),
    damage=st.sampled_from(["none", "body", "secret", "scheme", "signature", "another beside it"]),
)
def test_it_judges_as_the_library_does(body, secret, age, damage):
    text = body.decode("latin-1")
    now = int(time.time())
    header = signature(text.encode(), secret, now - age)
    if damage == "scheme":
        header = header.replace("v1=", "v0=")
    elif damage == "signature":
        header = header[:-1] + ("0" if header[-1] != "0" else "1")
    elif damage == "another beside it":
        header += "," + signature(b"other", secret, now).partition(",")[2]
    asked = text + "x" if damage == "body" else text
    asked_with = secret + "x" if damage == "secret" else secret

    def library_takes_it():
        try:
            return library.WebhookSignature.verify_header(asked, header, asked_with, 300)
        except library.error.SignatureVerificationError:
            return False

    def we_take_it():
        try:
            verify(header, asked.encode(), [asked_with], time.time())
        except BadSignature:
            return False
        return True

    assert we_take_it() is library_takes_it()


# What it says


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"null",
        b"[1]",
        b'"text"',
        b"{}",
        b"9" * 5000,
        b"[" * 100_000,
        event(SESSION, id=None),
        event(SESSION, id=""),
        event(SESSION, id=7),
        event(SESSION, id="evt_\x00"),
        event(SESSION, id="evt_\ud800"),
        event(SESSION, id="e" * 256),
        event(SESSION, type=["x"]),
        event(SESSION, data=None),
        event(SESSION, data=[]),
        event(SESSION, data={"object": "cs_test_1"}),
    ],
)
def test_signed_nonsense_is_refused(body):
    with pytest.raises(BadSignature):
        delivered(body)


@pytest.mark.parametrize("livemode", [True, None, 0, "false"])
def test_an_event_of_the_other_mode_is_dropped(livemode):
    assert delivered(event(SESSION, livemode=livemode)) == []


def test_a_live_key_reads_live_events_only():
    assert delivered(event(SESSION, livemode=True), key="sk_live_1") == READ
    assert delivered(BODY, key="sk_live_1") == []


@pytest.mark.parametrize("kind", ["customer", "payout", "invoice", None, ["charge"], {}])
def test_an_event_about_something_else_is_dropped(kind):
    assert delivered(event({"object": kind, "id": "x_1"}, type="customer.created")) == []


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (SESSION, (ATTEMPT, "cs_test_1", "pi_1")),
        ({**SESSION, "payment_intent": None}, (ATTEMPT, "cs_test_1", None)),
        ({**SESSION, "payment_intent": {"id": "pi_1"}}, (ATTEMPT, "cs_test_1", "pi_1")),
        ({**SESSION, "metadata": {"attempt": ATTEMPT}}, (None, "cs_test_1", "pi_1")),
        ({**SESSION, "metadata": None}, (None, "cs_test_1", "pi_1")),
        ({**SESSION, "metadata": {"saleor_paylink_attempt": 7}}, (None, "cs_test_1", "pi_1")),
        (
            {"object": "payment_intent", "id": "pi_1", "metadata": SESSION["metadata"]},
            (ATTEMPT, None, "pi_1"),
        ),
        ({**CHARGE, "metadata": SESSION["metadata"]}, (ATTEMPT, None, "pi_1")),
        (
            {**CHARGE, "metadata": SESSION["metadata"], "payment_intent": None},
            (ATTEMPT, None, None),
        ),
        ({"object": "refund", "id": "re_1", "payment_intent": "pi_1"}, (None, None, "pi_1")),
        ({"object": "dispute", "id": "dp_1", "payment_intent": "pi_1"}, (None, None, "pi_1")),
        ({"object": "dispute"}, (None, None, None)),
    ],
)
def test_an_event_points_at_an_attempt_a_session_and_a_payment(subject, expected):
    (found,) = delivered(event(subject, type="some.type"))
    assert (found.attempt_id, found.session, found.payment) == expected
    assert (found.event_id, found.type) == ("evt_1", "some.type")


@pytest.mark.parametrize("metadata", [None, {}, {"saleor_paylink_attempt": 7}])
@pytest.mark.parametrize("subject", [CHARGE, {"object": "payment_intent", "id": "pi_1"}])
def test_a_payment_that_does_not_say_that_it_is_ours_is_not_looked_for(subject, metadata):
    (found,) = delivered(event({**subject, "metadata": metadata}))
    assert (found.attempt_id, found.payment) == (None, None)


@pytest.mark.parametrize("shop", ["shop.example", "localhost:8000"])
def test_an_event_says_of_which_shop_it_is(shop):
    (found,) = delivered(event({**SESSION, "metadata": {"saleor_paylink_shop": shop}}))
    assert found.shop == shop


def test_all_events_of_a_payment_lead_to_it(provider, simulator):
    reference = open_session(provider)
    simulator.decline(reference)
    payment = simulator.pay(reference)["payment_intent"]
    simulator.fail_refund(simulator.refund(payment, 100)["id"])
    simulator.dispute(payment)
    simulator.close_dispute(payment, "lost")
    sent = [*provider._api().list("/v1/events")]
    read = [ref for each in reversed(sent) for ref in delivered(json.dumps(each).encode())]
    assert [ref.event_id for ref in read] == [each["id"] for each in reversed(sent)]
    assert {ref.payment for ref in read} == {payment}
    named = {ref.type: (ref.attempt_id, ref.session) for ref in read}
    assert named == {
        "charge.failed": (ATTEMPT, None),
        "payment_intent.payment_failed": (ATTEMPT, None),
        "charge.succeeded": (ATTEMPT, None),
        "payment_intent.succeeded": (ATTEMPT, None),
        "checkout.session.completed": (ATTEMPT, reference),
        "refund.created": (None, None),
        "charge.refunded": (ATTEMPT, None),
        "refund.updated": (None, None),
        "charge.refund.updated": (None, None),
        "refund.failed": (None, None),
        "charge.dispute.created": (None, None),
        "charge.dispute.funds_withdrawn": (None, None),
        "charge.dispute.closed": (None, None),
    }

"""The page on which a customer pays."""

import re

import pytest
import requests


@pytest.fixture
def session(api):
    return api.create(cancel_url="https://shop.example/back").json()


def post(url):
    return requests.post(url, timeout=30, allow_redirects=False)


def test_the_page_says_what_is_to_be_paid_and_that_it_is_a_simulator(session):
    page = requests.get(session["url"], timeout=30)
    assert page.status_code == 200
    assert "SIMULATOR" in page.text
    assert "Pay 12.34 EUR" in page.text
    assert "Order #7" in page.text
    assert 'href="https://shop.example/back"' in page.text


def test_looking_at_the_page_changes_nothing(api, session):
    requests.get(session["url"], timeout=30)
    assert api.session(session["id"]) == session
    assert api.event_types() == []


def test_the_page_offers_the_methods_of_the_session(api):
    url = api.create_with({"payment_method_types[0]": "ideal"}).json()["url"]
    assert re.findall(r'value="(\w+)"', requests.get(url, timeout=30).text) == ["ideal"]


def test_paying_on_the_page_leads_to_the_success_url_with_the_session_id(api, session):
    answer = post(f"{session['url']}/pay")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://shop.example/paid?session={session['id']}"
    assert api.session(session["id"])["payment_status"] == "paid"


def test_paying_by_a_chosen_method_charges_that_method(api):
    made = api.create_with(
        {"payment_method_types[0]": "card", "payment_method_types[1]": "ideal"}
    ).json()
    requests.post(f"{made['url']}/pay", data={"method": "ideal"}, timeout=30, allow_redirects=False)
    (charge,) = api.get("/v1/charges").json()["data"]
    assert charge["payment_method_details"]["type"] == "ideal"


def test_declining_on_the_page_leads_back_to_it_and_says_so(session):
    assert "declined. Try again" not in requests.get(session["url"], timeout=30).text
    answer = post(f"{session['url']}/decline")
    assert (answer.status_code, answer.headers["Location"]) == (303, session["url"])
    assert "Your card was declined." in requests.get(session["url"], timeout=30).text


def test_paying_later_on_the_page_leads_to_the_success_url_unpaid(api, session):
    answer = post(f"{session['url']}/pay_later")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://shop.example/paid?session={session['id']}"
    assert api.session(session["id"])["payment_status"] == "unpaid"


@pytest.mark.parametrize("end", ["pay", "expire"])
def test_a_closed_page_says_so_and_takes_nothing(api, control, session, end):
    getattr(control, end)(session["id"])
    before = api.event_types()
    page = requests.get(session["url"], timeout=30)
    assert ("has expired" if end == "expire" else "is complete") in page.text
    assert "<form" not in page.text
    assert [post(f"{session['url']}/{way}").status_code for way in ("pay", "decline")] == [409, 409]
    assert api.event_types() == before


def test_a_page_of_no_session_is_not_found(server):
    assert requests.get(f"{server.url}/pay/cs_test_none", timeout=30).status_code == 404
    assert post(f"{server.url}/pay/cs_test_none/pay").status_code == 404


def test_what_the_merchant_wrote_is_shown_as_text(api):
    name = {"line_items[0][price_data][product_data][name]": "<script>alert(1)</script>"}
    page = requests.get(api.create_with(name).json()["url"], timeout=30)
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text

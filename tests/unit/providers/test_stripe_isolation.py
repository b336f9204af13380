"""It lives in one process with Saleor's own Stripe gateway: neither notices the other."""

import ast
import logging
import time
from pathlib import Path

import pytest
import requests
import stripe as library
from stripe import http_client

import saleor_paylink
from saleor_paylink.providers.interface import ProviderError
from tests.unit.providers.helpers import (
    EMAIL,
    KEY,
    SECRET,
    SESSIONS,
    event,
    open_session,
    request,
    signed,
    stripe,
)

OURS = (KEY, SECRET, EMAIL)


def settings_of_the_library():
    """All that is configured in the library's modules."""
    plain = (str, int, float, bool, dict, type(None), http_client.HTTPClient)
    return {
        (module.__name__, name): value
        for module in (library, http_client)
        for name, value in vars(module).items()
        if isinstance(value, plain) and not name.startswith("__")
    }


def use(provider, simulator):
    """Everything that talks to Stripe, successes and failures."""
    reference = open_session(provider)
    provider.fetch(reference)
    simulator.refund(simulator.pay(reference)["payment_intent"], 100)
    provider.cancel(reference)
    wrong = {**provider.prepare(request()), "customer_email": f"{EMAIL},{EMAIL}"}
    with pytest.raises(ProviderError):
        provider.open(wrong, "key-2")
    simulator.add_fault("POST", SESSIONS, "timeout_before", times=3)
    with pytest.raises(ProviderError):
        provider.open(provider.prepare(request()), "key-3")
    body = event({"object": "charge"})
    provider.read_events(signed(body, SECRET, int(time.time())), body)


class Untouchable(http_client.HTTPClient):
    """The client of somebody else."""

    def request(self, *arguments, **more):
        raise AssertionError("The library's global client was used.")


@pytest.fixture
def _saleors_gateway(monkeypatch):
    """The library as another user of it has set it up."""
    monkeypatch.setattr(library, "api_version", "2020-08-27")
    monkeypatch.setattr(library, "api_key", "sk_live_of_saleors_gateway")
    monkeypatch.setattr(library, "api_base", "http://127.0.0.1:1")
    monkeypatch.setattr(library, "max_network_retries", 0)
    monkeypatch.setattr(library, "default_http_client", Untouchable())


def test_no_global_of_the_library_is_changed(provider, simulator):
    before = settings_of_the_library()
    use(provider, simulator)
    assert settings_of_the_library() == before
    assert before["stripe", "api_version"] is None
    assert before["stripe", "default_http_client"] is None


@pytest.mark.usefixtures("_saleors_gateway")
def test_no_global_of_the_library_reaches_our_calls(provider, simulator):
    use(provider, simulator)
    asked = simulator.requests()
    assert {each["version"] for each in asked} == {"2023-08-16"}
    assert [each["livemode"] for each in simulator.sessions()] == [False]
    # Three tries of the call that failed: our number of retries, not theirs.
    assert [each["idempotency_key"] for each in asked].count("key-3") == 3


@pytest.mark.usefixtures("_saleors_gateway")
def test_a_missing_key_does_not_become_the_librarys(server, simulator):
    with pytest.raises(ProviderError) as failure:
        stripe(key="").fetch("cs_test_1")
    assert failure.value.code == "configuration"
    assert simulator.requests() == []


def test_one_module_imports_the_library():
    root = Path(saleor_paylink.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (
            isinstance(node, ast.Import)
            and any(a.name.split(".")[0] == "stripe" for a in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stripe")
    }
    assert found == {"providers/stripe/api.py"}


@pytest.mark.parametrize("console", [None, "debug"])
def test_no_log_holds_a_secret_or_the_customer(
    provider, simulator, caplog, capfd, monkeypatch, console
):
    monkeypatch.setattr(library, "log", console)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="stripe")
    use(provider, simulator)
    written = caplog.text + "".join(capfd.readouterr())
    assert "HTTP 400" in written
    for secret in (*OURS, "shop.example", "customer_email"):
        assert secret not in written


def test_an_error_holds_neither_a_secret_nor_the_customer_in_its_traceback(provider, caplog):
    wrong = {**provider.prepare(request()), "customer_email": f"{EMAIL},{EMAIL}"}
    try:
        provider.open(wrong, "key-1")
    except ProviderError:
        logging.getLogger("test").exception("It failed.")
    assert "Invalid email address: […]" in caplog.text
    for secret in OURS:
        assert secret not in caplog.text


def test_an_unreadable_answer_is_not_in_the_traceback(answer, caplog):
    answer(200, f"<html>{EMAIL}</html>")
    try:
        stripe().fetch("cs_test_1")
    except ProviderError:
        logging.getLogger("test").exception("It failed.")
    assert "Stripe cannot be reached just now." in caplog.text
    assert EMAIL not in caplog.text


def test_the_key_is_sent_whatever_a_netrc_says(provider, simulator, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login sk_live_of_a_netrc password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    open_session(provider)
    assert [each["livemode"] for each in simulator.sessions()] == [False]


@pytest.mark.parametrize("bundle", [None, "/etc/ssl/of-the-operator.pem"])
def test_the_roots_are_certifis_or_the_operators_and_not_the_librarys(
    provider, monkeypatch, bundle
):
    trusted = []
    send = requests.adapters.HTTPAdapter.send

    def spy(self, *arguments, **more):
        trusted.append(more["verify"])
        return send(self, *arguments, **more)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", spy)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    if bundle:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
    open_session(provider)
    # True is certifi's bundle.
    assert trusted == [bundle or True]

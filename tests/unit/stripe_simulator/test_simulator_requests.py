"""Keys, idempotency and faults: what a request goes through before and after the work."""

import pytest
import requests

FORM = {"payment_intent": "pi_x"}


def test_a_request_without_a_key_is_refused(server):
    answer = requests.get(f"{server.url}/v1/events", timeout=30)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")


@pytest.mark.parametrize("key", ["pk_test_shop", "sk_test_", "nonsense", "sk_test_invalid_1"])
def test_a_key_that_is_no_secret_key_is_refused(api, control, key):
    api.key = key
    answer = api.create()
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert control.sessions() == []


def test_a_refused_key_is_not_printed(api):
    api.key = "sk_test_invalid_0123456789"
    message = api.create().json()["error"]["message"]
    assert message == "Invalid API Key provided: sk_test_**************6789"


def test_a_key_may_be_sent_by_basic_authentication(server):
    answer = requests.get(f"{server.url}/v1/events", auth=("sk_test_shop", ""), timeout=30)
    assert answer.status_code == 200


def test_each_key_has_an_account_of_its_own(api):
    id = api.create().json()["id"]
    api.key = "sk_test_other"
    assert api.get(f"/v1/checkout/sessions/{id}").status_code == 404


def test_keys_that_are_listed_together_open_one_account(api, control):
    control.share_account(["sk_test_shop", "rk_test_shop"])
    id = api.create().json()["id"]
    api.key = "rk_test_shop"
    assert api.session(id)["id"] == id


@pytest.mark.parametrize("keys", [["sk_test_a", "sk_live_a"], ["nonsense"], []])
def test_keys_of_two_modes_cannot_share_an_account(control, keys):
    with pytest.raises(requests.HTTPError, match="400"):
        control.share_account(keys)


def test_a_restricted_key_may_be_kept_from_refunds(api, control):
    control.share_account(["sk_test_shop", "rk_test_norefund_shop"])
    intent = control.pay(api.create().json()["id"])["payment_intent"]
    api.key = "rk_test_norefund_shop"
    assert api.post("/v1/refunds", {"payment_intent": intent}).status_code == 403
    api.key = "sk_test_shop"
    assert api.get("/v1/refunds").json()["data"] == []


def test_an_api_version_without_a_simulation_is_refused(server, control):
    headers = {"Authorization": "Bearer sk_test_shop", "Stripe-Version": "2020-08-27"}
    answer = requests.get(f"{server.url}/v1/events", headers=headers, timeout=30)
    assert answer.status_code == 400
    assert control.requests()[-1]["version"] == "2020-08-27"


def test_a_path_that_is_not_there_is_not_found(api):
    answer = api.get("/v1/customers")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith("Unrecognized request URL (GET: ")


def test_every_answer_has_a_request_id(api):
    first, second = api.create(), api.get("/v1/customers")
    assert first.headers["Request-Id"].startswith("req_")
    assert second.headers["Request-Id"].startswith("req_")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]


def test_a_key_with_the_same_parameters_replays_the_first_answer(api, control):
    first, second = api.create(key="k"), api.create(key="k")
    assert second.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(control.sessions()) == 1


def test_a_replay_is_the_answer_as_it_was_then(api, control):
    id = api.create(key="k").json()["id"]
    control.pay(id)
    assert api.create(key="k").json()["status"] == "open"


def test_a_key_with_other_parameters_is_refused(api, control):
    api.create(key="k")
    answer = api.create(key="k", client_reference_id="other")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"
    assert "same parameters" in answer.json()["error"]["message"]
    assert len(control.sessions()) == 1


def test_a_key_at_another_endpoint_is_refused(api):
    api.create(key="k")
    answer = api.post("/v1/refunds", FORM, key="k")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"


def test_two_accounts_may_use_the_same_key(api, control):
    api.create(key="k")
    api.key = "sk_test_other"
    assert api.create(key="k").status_code == 200
    assert len(control.sessions()) == 2


def test_a_key_can_be_used_anew_after_24_hours(api, control):
    api.create(key="k")
    control.advance(24 * 3600)
    assert "Idempotent-Replayed" not in api.create(key="k").headers
    assert len(control.sessions()) == 2


def test_a_key_is_not_used_up_by_parameters_that_do_not_fit(api):
    assert api.create(key="k", submit_type="buy").status_code == 400
    assert api.create(key="k").status_code == 200


def test_a_key_is_used_up_by_a_refusal_of_the_work_itself(api, control):
    id = api.create().json()["id"]
    control.pay(id)
    path = f"/v1/checkout/sessions/{id}/expire"
    assert api.post(path, key="k").status_code == 400
    assert api.post(path, key="k").headers["Idempotent-Replayed"] == "true"


def test_a_key_whose_request_is_running_is_refused_and_stays_usable(api, control, simulator):
    id = api.create().json()["id"]
    path = f"/v1/checkout/sessions/{id}/expire"
    keys = simulator._accounts.of(api.key).idempotency
    keys.begin("k", path, (), simulator.clock.now())
    answer = api.post(path, key="k")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "idempotency_key_in_use"
    assert api.session(id)["status"] == "open"
    keys.forget("k")
    assert api.post(path, key="k").status_code == 200


def test_an_error_500_is_kept_under_its_key(api, control):
    control.add_fault("POST", "/v1/checkout/sessions", "error_500")
    assert api.create(key="k").status_code == 500
    replay = api.create(key="k")
    assert (replay.status_code, replay.headers["Idempotent-Replayed"]) == (500, "true")
    assert control.sessions() == []


def test_a_card_error_is_kept_under_its_key(api, control):
    control.add_fault("POST", "/v1/checkout/sessions", "card_error_402")
    error = api.create(key="k").json()["error"]
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert api.create(key="k").status_code == 402
    assert control.sessions() == []


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("rate_limit_429", 429, "rate_limit"), ("conflict_409", 409, "lock_timeout")],
)
def test_a_request_that_was_turned_away_can_be_repeated(api, control, kind, status, code):
    control.add_fault("POST", "/v1/checkout/sessions", kind)
    answer = api.create(key="k")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert control.sessions() == []
    assert api.create(key="k").status_code == 200


def test_a_timeout_before_the_work_leaves_nothing_behind(api, control):
    control.add_fault("POST", "/v1/checkout/sessions", "timeout_before")
    with pytest.raises(requests.ConnectionError):
        api.create(key="k")
    assert control.sessions() == []


def test_a_timeout_after_the_work_loses_the_answer_and_not_the_work(api, control):
    control.add_fault("POST", "/v1/checkout/sessions", "timeout_after_commit")
    with pytest.raises(requests.ConnectionError):
        api.create(key="k")
    (made,) = control.sessions()
    repeated = api.create(key="k")
    assert repeated.json()["id"] == made["id"]
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert len(control.sessions()) == 1


def test_a_fault_fits_by_method_and_whole_path_and_is_used_up(api, control):
    control.add_fault("GET", "/v1/checkout/sessions/cs_.*", "error_500", times=2)
    id = api.create().json()["id"]
    path = f"/v1/checkout/sessions/{id}"
    assert api.get("/v1/checkout/sessions").status_code == 200
    assert [api.get(path).status_code for _ in range(3)] == [500, 500, 200]


def test_an_unknown_kind_of_fault_is_refused(api, control):
    with pytest.raises(requests.HTTPError, match="400: Unknown kind of fault: flood"):
        control.add_fault("POST", ".*", "flood")
    assert api.create().status_code == 200


def test_requests_are_logged_without_their_bodies(api, control):
    id = api.create(key="k", customer_email="customer@example.com").headers["Request-Id"]
    assert control.requests() == [
        {
            "id": id,
            "method": "POST",
            "path": "/v1/checkout/sessions",
            "status": 200,
            "idempotency_key": "k",
            "replayed": False,
            "fault": None,
            "version": None,
        }
    ]


def test_a_misspelt_field_of_a_control_request_is_refused(api, server):
    id = api.create().json()["id"]
    url = f"{server.url}/_sim/sessions/{id}/pay"
    assert requests.post(url, json={"amout": 1}, timeout=30).status_code == 400
    assert api.session(id)["status"] == "open"


def test_a_reset_forgets_everything(api, control, shop):
    control.add_webhook_endpoint(shop.url, "whsec_x")
    control.add_fault("POST", ".*", "error_500")
    control.advance(100)
    api.create()
    control.reset()
    assert (control.sessions(), control.requests(), control.deliveries()) == ([], [], [])
    control.pay(api.create().json()["id"])
    assert control.settle() is True
    assert shop.received == []
    assert control.advance(0) == 1_700_000_000

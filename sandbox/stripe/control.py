"""The control endpoints under `/_sim/`: a simulator in another process, driven by a test."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.stripe.accounts import API_VERSION, Json
from sandbox.stripe.errors import NotPossible, StripeError
from sandbox.stripe.state import Simulator

LONGEST_WAIT = 30.0


def control(simulator: Simulator) -> Blueprint:
    """The endpoints over `simulator`. Bodies and answers are JSON objects."""
    blueprint = Blueprint("control", __name__, url_prefix="/_sim")
    blueprint.register_error_handler(NotPossible, _not_possible)
    blueprint.register_error_handler(StripeError, _refused)
    blueprint.register_error_handler(ValueError, _wrong)
    _add_arrangements(blueprint, simulator)
    _add_deliveries(blueprint, simulator)
    _add_happenings(blueprint, simulator)
    _add_logs(blueprint, simulator)
    return blueprint


def _not_possible(error: Exception) -> ResponseReturnValue:
    return {"error": {"message": str(error)}}, 409


def _refused(error: StripeError) -> ResponseReturnValue:
    return error.body, error.status


def _wrong(error: Exception) -> ResponseReturnValue:
    return {"error": {"message": str(error)}}, 400


def _body(**fields: type) -> Json:
    """The request's fields, each of its type; a field that is not listed is a mistake."""
    body = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        raise ValueError("Send a JSON object.")
    for name, value in body.items():
        if name not in fields or type(value) is not fields[name]:
            known = ", ".join(f"{name} ({kind.__name__})" for name, kind in fields.items())
            raise ValueError(f"Wrong field: {name}. Known: {known or 'none'}.")
    return body


def _needed(body: Json, *names: str) -> list[Any]:
    missing = [name for name in names if name not in body]
    if missing:
        raise ValueError(f"Missing: {', '.join(missing)}.")
    return [body[name] for name in names]


def _add_arrangements(blueprint: Blueprint, simulator: Simulator) -> None:
    @blueprint.post("/reset")
    def reset() -> Json:
        _body()
        simulator.reset()
        return {}

    @blueprint.post("/webhook-endpoints")
    def add_endpoint() -> Json:
        body = _body(url=str, secret=str, key=str, api_version=str)
        url, secret = _needed(body, "url", "secret")
        endpoint = simulator.add_endpoint(
            url, secret, body.get("key"), body.get("api_version", API_VERSION)
        )
        return {name: value for name, value in asdict(endpoint).items() if name != "secret"}

    @blueprint.post("/accounts")
    def share_account() -> Json:
        (keys,) = _needed(_body(keys=list), "keys")
        simulator.share_account([str(key) for key in keys])
        return {}

    @blueprint.post("/faults")
    def add_fault() -> Json:
        body = _body(method=str, path=str, kind=str, times=int)
        method, path, kind = _needed(body, "method", "path", "kind")
        simulator.add_fault(method, path, kind, body.get("times", 1))
        return {}

    @blueprint.post("/clock")
    def advance() -> Json:
        return {"now": simulator.advance(_body(advance=int).get("advance", 0))}


def _add_deliveries(blueprint: Blueprint, simulator: Simulator) -> None:
    @blueprint.post("/deliveries")
    def configure() -> Json:
        simulator.configure_deliveries(**_body(mode=str, double=bool, shuffle=bool, seed=int))
        return {}

    @blueprint.post("/deliveries/release")
    def release() -> Json:
        _body()
        return {"released": simulator.release_deliveries()}

    @blueprint.post("/deliveries/settle")
    def settle() -> Json:
        _body()
        return {"settled": simulator.settle(LONGEST_WAIT)}


def _add_happenings(blueprint: Blueprint, simulator: Simulator) -> None:
    def happens(path: str, what: Callable[..., Json], **fields: type) -> None:
        def view(id: str) -> Json:
            return what(id, **_body(**fields))

        blueprint.add_url_rule(path, path.strip("/").replace("/", "_"), view, methods=["POST"])

    def ends(path: str, what: Callable[[str, str], Json]) -> None:
        def view(id: str) -> Json:
            (outcome,) = _needed(_body(outcome=str), "outcome")
            return what(id, outcome)

        blueprint.add_url_rule(path, path.strip("/").replace("/", "_"), view, methods=["POST"])

    happens("/sessions/<id>/pay", simulator.pay, method=str, amount=int)
    happens("/sessions/<id>/decline", simulator.decline)
    happens("/sessions/<id>/pay_later", simulator.pay_later, method=str)
    ends("/sessions/<id>/complete_later", simulator.complete_later)
    happens("/sessions/<id>/expire", simulator.expire)
    happens("/payment_intents/<id>/post_fee", simulator.post_fee)
    happens("/payment_intents/<id>/refund", simulator.refund, amount=int)
    happens("/refunds/<id>/fail", simulator.fail_refund)
    happens("/payment_intents/<id>/delay_refunds", simulator.delay_refunds)
    ends("/refunds/<id>/complete", simulator.complete_refund)
    happens("/payment_intents/<id>/dispute", simulator.dispute, amount=int)
    ends("/payment_intents/<id>/dispute/close", simulator.close_dispute)


def _add_logs(blueprint: Blueprint, simulator: Simulator) -> None:
    @blueprint.get("/deliveries")
    def deliveries() -> ResponseReturnValue:
        return jsonify(deliveries=simulator.deliveries())

    @blueprint.get("/requests")
    def requests() -> ResponseReturnValue:
        return jsonify(requests=simulator.requests())

    @blueprint.get("/balance.csv")
    def balance() -> ResponseReturnValue:
        report = simulator.balance_report(request.args.get("key", ""))
        return Response(report, mimetype="text/csv")

    @blueprint.get("/sessions")
    def sessions() -> ResponseReturnValue:
        return jsonify(sessions=simulator.sessions())

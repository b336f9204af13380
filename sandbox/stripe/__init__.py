"""A stateful simulator of the part of Stripe that collects a payment over Checkout.

It is no Stripe and moves no money. `Simulator` is the whole of it, usable in-process and without
HTTP; `sandbox.stripe.server.serve` puts it on a port, with Stripe's paths, signed webhooks, a
hosted page to pay on, and control endpoints for tests under `/_sim/`.
"""

from sandbox.stripe.clock import Clock
from sandbox.stripe.errors import ConnectionLost, NotPossible, StripeError
from sandbox.stripe.state import Simulator

__all__ = ["Clock", "ConnectionLost", "NotPossible", "Simulator", "StripeError"]

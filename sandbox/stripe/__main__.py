"""`python -m sandbox.stripe --port 8420 [--webhook URL --secret whsec_...]`."""

import argparse

from sandbox.stripe.server import serve


def main() -> None:
    """Run a simulator until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--webhook", metavar="URL", help="where to post the events of all accounts")
    parser.add_argument("--secret", help="what to sign them with")
    arguments = parser.parse_args()
    if bool(arguments.webhook) != bool(arguments.secret):
        parser.error("--webhook and --secret go together")
    server = serve(arguments.port)
    if arguments.webhook:
        server.simulator.add_endpoint(arguments.webhook, arguments.secret)
    print(f"Stripe simulator at {server.url}", flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.close()


if __name__ == "__main__":
    main()

"""The shop itself, run in Saleor's environment: `python -m tests.saleor.shop PORT`.

Installed is the wheel; what is left to do is what any operator does, `migrate`. Then the
shop is filled and served as Saleor's image serves it. GET /_stage/ answers with the Stage.
"""

import os
import sys

import django
import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from sandbox.stage import Stage


def main() -> None:
    django.setup()
    # They use models, which can be imported only now.
    from saleor_paylink.saleor import dashboard_app
    from tests.saleor.populate import populate

    call_command("migrate", verbosity=0)
    stage = Stage(
        "saleor",
        shop_url=settings.PUBLIC_URL,
        simulator_url=os.environ["PAYLINK_STRIPE_API_BASE"],
        mailbox_url=os.environ["MAILBOX_URL"],
        **populate(),
    )
    # As paylink_setup does it: whoever points a Dashboard here is to see the frames.
    dashboard_app.write()
    connections.close_all()
    os.environ["PAYLINK_STAGE"] = stage.to_json()
    uvicorn.run(
        "saleor.asgi:application",
        port=int(sys.argv[1]),
        lifespan="off",
        ws="none",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()

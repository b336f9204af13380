"""Starts the parts of a stage. Nothing here needs Django until a shop is started."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.dashboard import Dashboard
from sandbox.mailbox import Mailbox
from sandbox.stage import STRIPE_WEBHOOK_SECRET, Stage
from sandbox.stripe.server import Server as Simulator
from sandbox.stripe.server import serve as serve_simulator

if TYPE_CHECKING:
    from sandbox.shop.server import ShopServer


@dataclass(frozen=True)
class Services:
    """What a shop needs around it: Stripe's simulator and a mailbox."""

    simulator: Simulator
    mailbox: Mailbox

    def announce(self, stage: Stage) -> None:
        """Let the simulator send its webhooks to the shop on the stage.

        One endpoint hears of all channels, as they share an account at Stripe.
        """
        url = stage.webhook_url("default-channel")
        self.simulator.simulator.add_endpoint(url, STRIPE_WEBHOOK_SECRET)

    def close(self) -> None:
        self.simulator.close()
        self.mailbox.close()


def start_services(simulator_port: int = 0, mailbox_port: int = 0, smtp_port: int = 0) -> Services:
    """Start the simulator and the mailbox; port 0 takes a free one."""
    return Services(serve_simulator(simulator_port), Mailbox(mailbox_port, smtp_port))


@dataclass(frozen=True)
class Running:
    """A running sandbox, found at the addresses of its `stage`."""

    stage: Stage
    services: Services
    shop: "ShopServer"
    dashboard: Dashboard

    def close(self) -> None:
        self.dashboard.close()
        self.shop.close()
        self.services.close()


def start(
    shop_port: int = 0,
    simulator_port: int = 0,
    mailbox_port: int = 0,
    smtp_port: int = 0,
    dashboard_port: int = 0,
    *,
    timers: bool = True,
    history: bool = False,
) -> Running:
    """Start the whole sandbox, once in a process; port 0 takes a free one.

    Without `timers` nothing happens by itself as time goes by. With a `history` there is a year
    of orders that were paid.
    """
    from sandbox.shop.server import ShopServer

    services = start_services(simulator_port, mailbox_port, smtp_port)
    dashboard = Dashboard(dashboard_port)
    try:
        shop = ShopServer(
            services.simulator,
            services.mailbox,
            shop_port,
            dashboard.url,
            timers=timers,
            history=history,
        )
    except BaseException:
        dashboard.close()
        services.close()
        raise
    services.announce(shop.stage)
    dashboard.start(shop.stage)
    return Running(shop.stage, services, shop, dashboard)

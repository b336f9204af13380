"""Where somebody does something about a payment, and what can be seen of it."""

from functools import cached_property

from sandbox.client.graphql import Json
from tests.behaviour.world import World, token_of


class Scene:
    """An order of the customer's for which the cashier may be collecting."""

    def __init__(self, world: World, *, with_link: bool = True, with_exception: bool = False):
        self.world = world
        self.order = world.order(user="customer")
        self.url = self.link = self.token = self.exception = ""
        if with_link:
            link = world.link(self.order)
            self.url, self.link, self.token = link["url"], link["id"], token_of(link)
        if with_exception:
            # The provider received less than it was to ask for.
            world.simulator.pay(world.begin(link), amount=2400)
            assert world.simulator.settle()
            (found,) = world.person("cashier").exceptions(self.order)
            self.exception = found["id"]

    @property
    def seen(self) -> Json:
        return self.world.person("cashier").order(self.order)

    @cached_property
    def number(self) -> str:
        return str(self.seen["number"])

    @property
    def mails(self) -> int:
        return len(self.world.mails.requests(self.number))

    @property
    def status(self) -> str:
        return str(self.seen["paymentCollection"]["status"])

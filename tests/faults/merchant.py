"""What the merchant and the operator do: money of before is imported, the site's time zone and
channels' names change, daily sums are made anew."""

from django.db import transaction

from saleor_paylink.earnings import rollups
from saleor_paylink.links import taking
from saleor_paylink.links.channels import follow_names
from sandbox.shop.models import Channel
from tests.faults.choosing import share
from tests.faults.takings import left_by_import
from tests.faults.world import ENDPOINT, SUFFIX, Act, World

ZONES = ("UTC", "Pacific/Marquesas", "America/St_Johns", "Pacific/Kiritimati")


@share(3)
def imports(world: World) -> Act:
    return Act("an operator imports", lambda: import_all(world), "imports")


@share(2)
def two_import(world: World) -> Act:
    def do() -> str:
        with world.faults.rival(lambda: world.play(imports(world))):
            return import_all(world)

    return Act("an operator imports, and so does another", do, "imports by two at once")


def import_all(world: World) -> str:
    """Where nobody came between, nothing is left but what cannot be booked."""
    steps, began, booked = world.tally["steps"], world.time.now(), 0
    problems: set[str] = set()
    for _count, taken in taking.history():
        booked += taken.booked
        problems |= {row.key for row in taken.unbookable}
        problems |= {record.replace(" ", ":") for record in taken.failed}
    # All looked at before: somebody can come between two looks, too.
    complaints = list(left_by_import(world, began, problems))
    if world.tally["steps"] == steps:
        for complaint in complaints:
            world.complain(complaint)
    return f"{booked} booked, {len(problems)} cannot be"


@share(1)
def zone_changes(world: World) -> Act:
    zone = world.random.choice(ZONES)
    return Act(f"the site moves to {zone}", lambda: world.move_to(zone), "moves of the site")


@share(1)
def channel_is_renamed(world: World) -> Act:
    """Not the one by whose name Stripe's webhooks come."""

    def do() -> str:
        old = Channel.objects.get(pk=channel.pk).slug
        new = old.removesuffix(SUFFIX) if old.endswith(SUFFIX) else old + SUFFIX
        Channel.objects.filter(pk=channel.pk).update(slug=new)
        world.tell(follow_names)
        return new

    channel = world.random.choice(list(Channel.objects.exclude(slug=ENDPOINT).order_by("pk")))
    return Act(f"channel {channel.slug} is renamed", do, "channels renamed")


@share(1)
def sums_are_made_anew(world: World) -> Act:
    return Act("an operator makes the daily sums anew", rollups.rebuild, "rebuildings")


@share(1)
def names_are_swapped(world: World) -> Act:
    """What the shop tells of it is lost."""

    def do() -> str:
        one, other = world.random.sample(
            list(Channel.objects.exclude(slug=ENDPOINT).order_by("pk")), 2
        )
        with transaction.atomic():
            Channel.objects.filter(pk=one.pk).update(slug="between")
            Channel.objects.filter(pk=other.pk).update(slug=one.slug)
            Channel.objects.filter(pk=one.pk).update(slug=other.slug)
        return f"{one.slug} and {other.slug}"

    return Act("two channels swap their names, unheard", do, "swaps of names")

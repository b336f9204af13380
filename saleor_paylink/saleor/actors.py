"""Staff users and apps: Saleor's own and as paylink names them."""

from saleor.account.models import User
from saleor.app.models import App

from saleor_paylink.shop import Actor, ActorKind


def actor_of(requestor: User | App | None) -> Actor | None:
    """The actor for Saleor's requestor; None for customers, visitors and the system."""
    if isinstance(requestor, App):
        return Actor(ActorKind.APP, str(requestor.pk), requestor.name)
    if isinstance(requestor, User) and requestor.is_staff:
        name = f"{requestor.first_name} {requestor.last_name}".strip()
        return Actor(ActorKind.USER, str(requestor.pk), name or requestor.email)
    return None


def user_and_app(actor: Actor | None) -> tuple[User | None, App | None]:
    """The inverse: the user or the app, if it still exists, and None for the other."""
    if actor is None:
        return None, None
    if actor.kind is ActorKind.APP:
        return None, App.objects.filter(pk=actor.id).first()
    return User.objects.filter(pk=actor.id).first(), None

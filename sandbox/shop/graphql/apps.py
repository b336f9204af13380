"""What the Dashboard asks about Apps: where their frames are shown, and tokens for these."""

from collections.abc import Sequence
from typing import Any

import graphene

from sandbox.shop import extensions
from sandbox.shop.graphql.access import requestor
from sandbox.shop.graphql.base import BaseObject, non_null_list

APP_PK = 1


class App(BaseObject):
    class Meta:
        interfaces = (graphene.Node,)

    name = graphene.String()
    app_url = graphene.String()


class AppExtension(BaseObject):
    """From an extensions.Extension."""

    class Meta:
        interfaces = (graphene.Node,)

    label = graphene.String(required=True)
    identifier = graphene.String()
    url = graphene.String(required=True)
    mount_name = graphene.String(required=True)
    target_name = graphene.String(required=True)
    access_token = graphene.String()
    app = graphene.Field(App, required=True)

    @staticmethod
    def resolve_id(root: extensions.Extension, _info: Any) -> str:
        return str(root.pk)

    @staticmethod
    def resolve_mount_name(root: extensions.Extension, _info: Any) -> str:
        return root.mount

    @staticmethod
    def resolve_target_name(root: extensions.Extension, _info: Any) -> str:
        return root.target

    @staticmethod
    def resolve_access_token(root: extensions.Extension, info: Any) -> str | None:
        user = requestor(info)
        return extensions.extension_token(root, user) if user is not None else None

    @staticmethod
    def resolve_app(_root: extensions.Extension, _info: Any) -> App:
        return App(id=str(APP_PK), name="Payment links", app_url=extensions.app_url())


class AppExtensionCountableEdge(BaseObject):
    node = graphene.Field(AppExtension, required=True)


class AppExtensionCountableConnection(BaseObject):
    edges = non_null_list(AppExtensionCountableEdge, required=True)


class AppQueries:
    """As in Saleor: all extensions are listed, with a token for those who may use them."""

    app_extensions = graphene.Field(AppExtensionCountableConnection, first=graphene.Int())

    @staticmethod
    def resolve_app_extensions(
        _root: Any, _info: Any, first: int | None = None
    ) -> AppExtensionCountableConnection:
        shown: Sequence[extensions.Extension] = extensions.EXTENSIONS[:first]
        return AppExtensionCountableConnection(
            edges=[AppExtensionCountableEdge(node=each) for each in shown]
        )

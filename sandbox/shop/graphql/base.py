"""The kinds of GraphQL classes, which keep the contract of Saleor's own."""

from typing import Any

import graphene
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from graphene.types.mutation import MutationOptions
from graphene.utils.str_converters import to_camel_case
from promise import Promise
from promise.dataloader import DataLoader

from sandbox.shop.graphql.access import PermissionDenied, has_permission


class BaseObject(graphene.ObjectType):
    class Meta:
        abstract = True


class BaseInput(graphene.InputObjectType):
    class Meta:
        abstract = True


class Error(BaseObject):
    """What was wrong with the input of a mutation."""

    field = graphene.String()
    message = graphene.String()


class CountableConnection(graphene.relay.Connection):
    """A list in pages. Resolves from what has `page_info`, `edges` and the call `total_count`."""

    total_count = graphene.Int()

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, node: Any = None, **options: Any) -> None:
        super().__init_subclass_with_meta__(node=node, **options)
        members = {
            "node": graphene.Field(node, required=True),
            "cursor": graphene.String(required=True),
        }
        cls.Edge = type(cls.Edge._meta.name, (graphene.ObjectType,), members)
        cls._meta.fields["edges"] = graphene.Field(non_null_list(cls.Edge), required=True)

    @staticmethod
    def resolve_total_count(root: Any, _info: Any) -> int:
        return root.total_count()


class Loader(DataLoader):
    """Reads for many keys at once. There is one of each `context_key` in a request."""

    context_key: str
    context: Any

    def __new__(cls, context: Any) -> "Loader":
        if cls.context_key not in context.loaders:
            context.loaders[cls.context_key] = super().__new__(cls)
        return context.loaders[cls.context_key]

    def __init__(self, context: Any) -> None:
        if not hasattr(self, "context"):
            self.context = context
            super().__init__()

    def batch_load_fn(self, keys: Any) -> "Promise[list[Any]]":
        return Promise.resolve(self.batch_load(keys))

    def batch_load(self, keys: Any) -> Any:
        """What there is for each key, in their order; may be a promise."""
        raise NotImplementedError


def non_null_list(of: Any, **options: Any) -> graphene.List:
    """[of!], or [of!]! with `required`."""
    return graphene.List(graphene.NonNull(of), **options)


class BaseMutation(graphene.Mutation):
    """Checks permissions, then turns a ValidationError of `perform_mutation` into `errors`."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(
        cls,
        description: str | None = None,
        error_type_class: type | None = None,
        permissions: tuple[Any, ...] = (),
        _meta: MutationOptions | None = None,
        **options: Any,
    ) -> None:
        if not description or not error_type_class:
            raise TypeError("A mutation needs a description and an error_type_class in Meta.")
        _meta = _meta or MutationOptions(cls)
        _meta.error_type_class = error_type_class
        _meta.permissions = permissions
        super().__init_subclass_with_meta__(description=description, _meta=_meta, **options)
        cls._meta.fields["errors"] = graphene.Field(
            non_null_list(error_type_class), default_value=[], required=True
        )

    @classmethod
    def mutate(cls, root: Any, info: Any, **data: Any) -> Any:
        permissions = cls._meta.permissions
        if permissions and not any(has_permission(info, one) for one in permissions):
            raise PermissionDenied(*permissions)
        try:
            return cls.perform_mutation(root, info, **data)
        except ValidationError as error:
            return cls(errors=_errors(error, cls._meta.error_type_class))

    @classmethod
    def perform_mutation(cls, *root_and_info: Any, **data: Any) -> Any:
        """Do what the mutation is for and answer an instance of it."""
        raise NotImplementedError


def _errors(error: ValidationError, error_type: type) -> list[Any]:
    by_field = (
        error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    )
    return [
        error_type(
            field=None if field == NON_FIELD_ERRORS else to_camel_case(field),
            message=one.messages[0],
            code=one.code or "invalid",
        )
        for field, found in by_field.items()
        for one in found
    ]

"""The kinds of GraphQL classes, which keep the contract of Saleor's own."""

from typing import Any

import graphene
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from graphene.types.mutation import MutationOptions
from graphene.utils.str_converters import to_camel_case

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

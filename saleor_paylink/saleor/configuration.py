"""The plugin's settings form: its fields, its values, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from saleor.plugins.base_plugin import ConfigurationTypeField
from saleor.plugins.error_codes import PluginErrorCode

from saleor_paylink import brand
from saleor_paylink.conf import FIELDS, ChannelSettings, SettingField, SettingInvalid
from saleor_paylink.providers.registry import provider_classes

PLUGIN_ID = "saleor.paylink"


def fields() -> list[SettingField]:
    """Every field, the general ones first."""
    of_providers = (field for cls in provider_classes().values() for field in cls.fields)
    return [*FIELDS, *brand.FIELDS, *of_providers]


def structure() -> dict[str, dict[str, Any]]:
    """The form as BasePlugin.CONFIG_STRUCTURE wants it."""
    kinds = {True: ConfigurationTypeField.SECRET, False: ConfigurationTypeField.STRING}
    return {
        field.name: {
            "type": kinds[field.secret],
            "label": field.label,
            "help_text": field.help_text,
        }
        for field in fields()
    }


def defaults() -> list[dict[str, Any]]:
    """The values that Saleor fills in where nothing is stored."""
    return [{"name": field.name, "value": field.default} for field in fields()]


def values_of(configuration: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Stored values by field name, with the defaults for what is not stored."""
    stored = {item["name"]: item.get("value") for item in configuration or ()}
    given = {name: str(value) for name, value in stored.items() if value is not None}
    return {field.name: field.default for field in fields()} | given


def check(settings: ChannelSettings) -> None:
    """Raises Django's ValidationError, keyed by field, for the first unusable value."""
    try:
        settings.validate()
        brand.validate(settings.values)
        for cls in provider_classes().values():
            cls(settings).validate()
    except SettingInvalid as error:
        code = PluginErrorCode.PLUGIN_MISCONFIGURED.value
        raise ValidationError({error.setting: ValidationError(error.message, code=code)}) from error

"""Each catalogue says all that the code says, and nothing gets lost in it."""

import re
from typing import Any

import polib
import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext

from saleor_paylink.languages import spoken
from tests.messages import LOCALES, file_of, plural_forms, said

# What is filled in, and markup.
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w+\}|</?\w+>|\n")


def catalogue(locale: str) -> polib.POFile:
    return polib.pofile(file_of(locale))


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def places(words: str) -> list[str]:
    return sorted(PLACES.findall(words))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_holds_what_the_code_says_and_nothing_else(locale: str) -> None:
    held = [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogue(locale)]
    wanted = [(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in said().values()]
    assert held == wanted, "Run `make messages` and translate what is new."


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_is_translated(locale: str) -> None:
    forms = plural_forms(locale)[0]
    missing = [
        entry.msgid
        for entry in catalogue(locale)
        if not all(translations(entry))
        or entry.fuzzy
        or (entry.msgid_plural and len(entry.msgstr_plural) != forms)
    ]
    assert missing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_place_is_kept(locale: str) -> None:
    broken = [
        (entry.msgid, words)
        for entry in catalogue(locale)
        for words in translations(entry)
        if places(words) not in (places(entry.msgid), places(entry.msgid_plural))
    ]
    assert broken == []


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_compiled_is_the_catalogue(locale: str) -> None:
    compiled = file_of(locale).with_suffix(".mo").read_bytes()
    assert compiled == catalogue(locale).to_binary()


def test_messages_are_found_in_code_and_templates() -> None:
    entries = said()
    assert entries[(None, "Pay %(amount)s")].occurrences == [
        ("saleor_paylink/web/templates/form.html", "")
    ]
    counted = "Send {count} link"
    assert entries[(None, counted)].msgid_plural == "Send {count} links"
    assert ("the language code of these texts", "en") in entries


def test_plurals_follow_the_language() -> None:
    with translation.override("pl"):
        forms = {
            count: ngettext("Send {count} link", "Send {count} links", count)
            for count in (1, 2, 5, 22)
        }
    assert forms[2] == forms[22]
    assert len({forms[1], forms[2], forms[5]}) == 3


@pytest.mark.parametrize("language", ["en", "en-gb"])
def test_english_stays_english_in_a_shop_of_another_language(language: str, settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    with translation.override(language):
        assert gettext("Your order") == "Your order"


def test_a_country_speaks_its_language() -> None:
    with translation.override("de-at"):
        assert gettext("Your order") == "Ihre Bestellung"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("de",), "de"),
        (("de-at",), "de-at"),
        (("pt_BR",), "pt-br"),
        (("pt-pt",), "pt-br"),
        (("sv", "pl"), "pl"),
        (("sv", "en-gb"), "en-gb"),
        (("zh-hans",), "en"),
        (("", None), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_is_spoken_is_taken(
    wanted: tuple[str | None, ...], found: str
) -> None:
    assert spoken(*wanted) == found

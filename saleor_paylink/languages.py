"""In which language people are spoken to: one that there is a catalogue for, or English."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

CATALOGUES = Path(__file__).parent / "locale"
ENGLISH = "en"


def spoken(*wanted: str | None) -> str:
    """The first of the wanted languages that is spoken, as Django names it; else English.

    A country's language stays what it is ("de-at"), because dates and amounts differ, unless
    only another country's is spoken ("pt-br" for "pt-pt").
    """
    for language in wanted:
        found = _closest((language or "").lower().replace("_", "-"))
        if found:
            return found
    return ENGLISH


def speaking(language: str | None) -> translation.override:
    """A context in which that language is spoken, or where it is not, what is spoken now."""
    return translation.override(spoken(language, translation.get_language()))


def spoken_to(request: HttpRequest) -> str:
    """What is spoken of the languages that a browser asks for, or else the site's."""
    accepted = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    return spoken(*(language for language, _ in accepted), settings.LANGUAGE_CODE)


def _closest(language: str) -> str | None:
    base = language.partition("-")[0]
    if language in _all() or base in _all():
        return language
    return next((each for each in sorted(_all()) if base and each.startswith(f"{base}-")), None)


@cache
def _all() -> frozenset[str]:
    found = (translation.to_language(each.name) for each in CATALOGUES.iterdir())
    return frozenset({ENGLISH, *found})

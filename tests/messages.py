"""The translators' catalogues: what the code says, and what is said instead in other languages.

`make messages` takes what is new in the code into each catalogue, drops what is not said any more,
and compiles them. English is the code's own language and needs none.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import polib
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
CODE = ROOT / "saleor_paylink"
LOCALES = ("ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt_BR")
KEYWORDS = {**DEFAULT_KEYWORDS, "_": None}
WIDTH = 99

Key = tuple[str | None, str]


def said() -> dict[Key, polib.POEntry]:
    """All that the code says, in the order of the alphabet, by context and words."""
    found: dict[Key, polib.POEntry] = {}
    for place, method, source in _sources():
        for _, words, _, context in extract(method, BytesIO(source), KEYWORDS):
            one, *many = (words,) if isinstance(words, str) else words
            entry = found.setdefault((context, one), polib.POEntry(msgid=one, msgctxt=context))
            if many:
                entry.msgid_plural = many[0]
            if (place, "") not in entry.occurrences:
                entry.occurrences.append((place, ""))
    return dict(
        sorted(
            found.items(), key=lambda item: (item[0][1].casefold(), item[0][1], item[0][0] or "")
        )
    )


def _sources() -> Iterator[tuple[str, str, bytes]]:
    for path in sorted(CODE.rglob("*")):
        place = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            yield place, "python", path.read_bytes()
        elif "templates" in path.parts and path.is_file():
            # Django makes its templates into something like code, and Babel's lexer of JavaScript
            # is the one that does not mind what stands between the calls.
            yield place, "javascript", templatize(path.read_text(), origin=place).encode()


def file_of(locale: str) -> Path:
    return CODE / "locale" / locale / "LC_MESSAGES" / "django.po"


def plural_forms(locale: str) -> tuple[int, str]:
    """How many there are, and what the catalogue's header says of them."""
    catalogue = Catalog(locale)
    return catalogue.num_plurals, catalogue.plural_forms


def renewed(locale: str) -> polib.POFile:
    """The locale's catalogue with what the code says now, translated as far as it was before."""
    path = file_of(locale)
    before = polib.pofile(path) if path.exists() else polib.POFile()
    known = {(entry.msgctxt, entry.msgid): entry for entry in before}
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.metadata = {
        "Language": locale,
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural_forms(locale)[1],
    }
    for key, entry in said().items():
        was = known.get(key, entry)
        if entry.msgid_plural:
            forms = range(plural_forms(locale)[0])
            entry.msgstr_plural = {form: was.msgstr_plural.get(form, "") for form in forms}
        else:
            entry.msgstr = was.msgstr
        catalogue.append(entry)
    return catalogue


if __name__ == "__main__":
    settings.configure()
    for each in LOCALES:
        file_of(each).parent.mkdir(parents=True, exist_ok=True)
        catalogue = renewed(each)
        catalogue.save(file_of(each))
        catalogue.save_as_mofile(file_of(each).with_suffix(".mo"))

"""What a page says in another language: `translations/<language>.csv`, text and its translation.

`translations/attributes.csv` has the title of each attribute of a passport in every language.
"""

import csv
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return every text with its translation.

    English, the language of the templates, has words only for names such as `stage-use` and
    `attribute-mass_kg`.

    Examples
    --------
    >>> catalogue("zh")["Fleet"]
    '车队'
    >>> catalogue("en")["stage-use"]
    'Use'
    """
    texts = {row["text"]: row["translation"] for row in _rows(language)}
    titles = {f"attribute-{row['attribute']}": row[language] for row in _rows("attributes")}
    return texts | titles


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("batteryloop.web").joinpath(f"translations/{name}.csv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def translator(language: str) -> Callable[..., str]:
    """Return the function that says a text in a language; a text without translation stays.

    Words in braces are filled in after translation, so that each language may order them.

    Examples
    --------
    >>> translator("en")("{n} batteries on record", n=7)
    '7 batteries on record'
    """
    known = catalogue(language)

    def say(text: str, **values: object) -> str:
        said = known.get(text, text)
        return said.format(**values) if values else said

    return say


def language_of(asked: str | None, accepted: str) -> str:
    """Return the language that a person asked for, else the first that their browser accepts.

    Examples
    --------
    >>> language_of(None, "zh-CN,zh;q=0.9,en;q=0.8")
    'zh'
    >>> language_of("en", "zh")
    'en'
    >>> language_of("xx", "fr, de")
    'en'
    """
    if asked in LANGUAGES:
        return asked
    for part in accepted.split(","):
        name = part.split(";")[0].strip()[:2].lower()
        if name in LANGUAGES:
            return name
    return "en"

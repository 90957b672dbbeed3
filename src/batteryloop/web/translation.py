"""What a page says in another language: `translations/<language>.csv`, text and its translation."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.resources import files

LANGUAGES = {"en": "English", "zh": "中文"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return every text with its translation.

    English, the language of the templates, has words only for names such as `stage-use`.

    Examples
    --------
    >>> catalogue("zh")["Fleet"]
    '车队'
    >>> catalogue("en")["stage-use"]
    'Use'
    """
    text = files("batteryloop.web").joinpath(f"translations/{language}.csv").read_text("utf-8")
    return {row["text"]: row["translation"] for row in csv.DictReader(text.splitlines())}


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

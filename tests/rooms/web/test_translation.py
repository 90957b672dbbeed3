"""Every text of every page has its words in every language."""

import csv
import re
from pathlib import Path

import pytest

import batteryloop.web
from batteryloop.record import Application, ComponentKind, EventKind, LifeStatus, Stage
from batteryloop.web.translation import LANGUAGES, catalogue, language_of, translator

WEB = Path(batteryloop.web.__file__).parent
SAID = re.compile(r"""_\(\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')\s*[,)]""")
NAMES = {
    "stage": Stage,
    "status": LifeStatus,
    "use": Application,
    "event": EventKind,
    "part": ComponentKind,
}


def texts_of_the_pages():
    for path in sorted(WEB.rglob("templates/**/*.html")):
        for one, other in SAID.findall(path.read_text(encoding="utf-8")):
            yield one or other
    for path in sorted(WEB.rglob("*.py")):
        for one, other in re.findall(
            r"""\bsay\(\s*(?:"([^"]+)"|'([^']+)')""", path.read_text("utf-8")
        ):
            yield one or other


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated(language):
    texts = [text for text in texts_of_the_pages() if not text.endswith("-")]
    assert len(texts) > 40
    assert sorted({text for text in texts if text not in catalogue(language)}) == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("prefix", sorted(NAMES))
def test_every_name_of_the_record_has_words(language, prefix):
    missing = [n for n in NAMES[prefix] if f"{prefix}-{n.value}" not in catalogue(language)]
    assert missing == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_a_translation_fills_in_the_same_words(language):
    braces = re.compile(r"\{(\w+)\}")
    for text, said in catalogue(language).items():
        assert set(braces.findall(text)) == set(braces.findall(said)), text


def test_no_text_is_translated_twice():
    for language in LANGUAGES:
        lines = (WEB / f"translations/{language}.csv").read_text("utf-8").splitlines()
        texts = [row["text"] for row in csv.DictReader(lines)]
        assert len(texts) == len(set(texts))


def test_a_text_without_translation_stays():
    assert translator("zh")("never said anywhere") == "never said anywhere"


def test_a_browser_that_accepts_neither_gets_english():
    assert language_of(None, "fr-FR, de;q=0.8") == "en"

"""Say of each code on a label which battery it names, or why it cannot be one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from batteryloop.errors import BatteryloopError, InputWrong, NotKnown
from batteryloop.record.codes import (
    Gs1Identity,
    IdentityCode,
    UniqueIdentifier,
    make_traction_code,
    recognise,
)
from batteryloop.record.codes.gs1 import DEFAULT_HOST
from batteryloop.usecases.ports import Refusal

# Which parts each kind of code is made of; `=` marks those that may be left out.
PARTS: dict[str, tuple[str, ...]] = {
    "gs1": ("gtin", "serial=", "lot=", "variant=", "extension=", "host="),
    "iso15459": ("agency", "company", "serial"),
    "gbt34014": (
        "maker", "product", "chemistry", "specification", "made_on", "number", "traceability=",
    ),
}  # fmt: skip


def identify_batteries(
    texts: Iterable[str], *, today: date | None = None
) -> Iterator[IdentityCode | Refusal]:
    """Yield what each text is, or why it is no identity code.

    Parameters
    ----------
    texts : iterable of str
        What stands on the labels.
    today : datetime.date, optional
        A code from after it gets a note.
    """
    for text in texts:
        try:
            yield recognise(text, today=today)
        except BatteryloopError as error:
            yield Refusal(text[:80], error)


def make_code(kind: str, parts: Mapping[str, str]) -> IdentityCode:
    """Return a code made of its parts; a traction battery code without traceability is of reuse.

    Raises
    ------
    NotKnown
        If kind or a part's name is not known.
    InputWrong
        If a part is missing or cannot be so.

    Examples
    --------
    >>> make_code("gs1", {"gtin": "09521234543213", "serial": "42", "host": "e.com"}).text
    'https://e.com/01/09521234543213/21/42'
    """
    if kind not in PARTS:
        raise NotKnown.among("kind of code", kind, PARTS)
    names = [name.removesuffix("=") for name in PARTS[kind]]
    for name in parts:
        if name not in names:
            raise NotKnown.among(f"part of a code {kind}", name, names)
    missing = [name for name in PARTS[kind] if not name.endswith("=") and name not in parts]
    if missing:
        raise InputWrong(f"code {kind}", f"without {', '.join(missing)}", ", ".join(names))
    if kind == "gs1":
        return Gs1Identity(
            parts["gtin"],
            serial=parts.get("serial", ""),
            lot=parts.get("lot", ""),
            variant=parts.get("variant", ""),
            extension=parts.get("extension", ""),
            host=parts.get("host", DEFAULT_HOST),
        )
    if kind == "iso15459":
        return UniqueIdentifier(parts["agency"], parts["company"], parts["serial"])
    return make_traction_code(
        maker=parts["maker"],
        product=parts["product"],
        chemistry=parts["chemistry"],
        specification=parts["specification"],
        traceability=parts.get("traceability", ""),
        made_on=_day(parts["made_on"]),
        number=_whole(parts["number"]),
        is_reuse="traceability" not in parts,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputWrong("made_on", repr(text), "a day such as 2026-11-25") from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InputWrong("number", repr(text), "a whole number")
    return int(text)

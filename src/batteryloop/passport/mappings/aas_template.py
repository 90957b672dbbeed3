"""Fills templates of the Asset Administration Shell with values, and reads values out again.

A template says which elements a submodel has, what they mean and which must be there. An instance
keeps that and says it of one asset. A must without a value stands there empty: the shell can say
"unknown", so nothing has to be invented. The values are plain data: a collection is a table, a
list a list, a property text or a number.
"""

from collections.abc import Iterator
from typing import Any

_CARDINALITIES = ("SMT/Cardinality", "Cardinality", "Multiplicity")
_KEPT = (
    "idShort", "semanticId", "supplementalSemanticIds", "valueType", "modelType", "contentType",
    "orderRelevant", "typeValueListElement", "valueTypeListElement", "semanticIdListElement",
)  # fmt: skip
_WHOLE = ("int", "Int", "long", "Long", "short", "Short", "byte", "Byte", "nteger")
_REAL = ("xs:float", "xs:double", "xs:decimal")
LANGUAGE = "en"


def is_needed(template: dict[str, Any]) -> bool:
    """Return whether an element must be there: its cardinality is One or OneToMany."""
    for qualifier in template.get("qualifiers", ()):
        if qualifier.get("type") in _CARDINALITIES:
            return qualifier.get("value") in ("One", "OneToMany")
    return False


def filled(template: dict[str, Any], values: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return the element with its values, or None where it may be missing and has none.

    Parameters
    ----------
    template : dict
        An element of a template.
    values : object
        Plain data of the same shape; None where nothing is known.

    Examples
    --------
    >>> template = {"modelType": "Property", "idShort": "BatteryMass", "valueType": "xs:float"}
    >>> filled(template, 1.5)["value"]
    '1.5'
    >>> filled(template, None) is None
    True
    """
    if values is None and not is_needed(template):
        return None
    element = {key: template[key] for key in _KEPT if key in template}
    kind = template["modelType"]
    if kind == "Property" and values is not None:
        element["value"] = _text(values)
    elif kind == "MultiLanguageProperty" and values is not None:
        element["value"] = [{"language": LANGUAGE, "text": str(values)}]
    elif kind == "SubmodelElementCollection":
        inner = fill_all(template.get("value") or (), values or {})
        if inner:
            element["value"] = inner
    elif kind == "SubmodelElementList" and values:
        each = template["value"][0]
        items = [filled(each, value) or {} for value in values]
        # In a list the place is the name; with one the older metamodel refuses it (AASd-120).
        element["value"] = [{k: v for k, v in i.items() if k != "idShort"} for i in items if i]
    return element


def fill_all(templates: Any, values: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return all elements of a collection or a submodel with their values."""
    found = (filled(each, values.get(each["idShort"])) for each in templates)
    return [element for element in found if element is not None]


def empty_needs(elements: Any, before: str) -> Iterator[str]:  # noqa: ANN401
    """Yield the path of each element that stands there without a value."""
    for place, element in enumerate(elements):
        name = element.get("idShort")
        path = f"{before}.{name}" if name else f"{before}[{place}]"
        inner = element.get("value")
        if not inner:
            yield path
        elif element["modelType"] in ("SubmodelElementCollection", "SubmodelElementList"):
            yield from empty_needs(inner, path)


def values_of(elements: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the values of a submodel's or a collection's elements, as plain data.

    Examples
    --------
    >>> values_of([{"modelType": "Property", "idShort": "n", "valueType": "xs:int", "value": "7"}])
    {'n': 7}
    """
    there = [element for element in elements if isinstance(element, dict)]
    found = {str(element.get("idShort", "")): _value_of(element) for element in there}
    return {name: value for name, value in found.items() if name and value not in (None, {}, [])}


def _value_of(element: dict[str, Any]) -> Any:  # noqa: ANN401
    value = element.get("value")
    if value is None:
        return None
    kind = element.get("modelType")
    inner = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    if kind == "MultiLanguageProperty":
        texts = {str(entry.get("language")): entry.get("text") for entry in inner}
        return texts.get(LANGUAGE, next(iter(texts.values()), None))
    if kind == "SubmodelElementCollection":
        return values_of(inner)
    if kind == "SubmodelElementList":
        return [item for item in map(_value_of, inner) if item is not None]
    return _typed(value, element.get("valueType", "xs:string"))


def _typed(text: Any, kind: str) -> Any:  # noqa: ANN401
    if kind == "xs:boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(str(text), text)
    try:
        if kind in _REAL:
            return float(text)
        if kind.endswith(_WHOLE):
            return int(text)
    except (TypeError, ValueError):
        pass
    return text


def _text(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)

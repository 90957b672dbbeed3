"""Checks an environment of the Asset Administration Shell: its metamodel, and its templates.

The metamodel's own checks (`aas-core3.1`, an extra) know nothing of templates, so whether an
instance keeps to its template is checked here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from batteryloop.errors import OptionWrong
from batteryloop.passport.mappings.aas_template import is_needed
from batteryloop.passport.mappings.schema_check import Problem

UNREADABLE = "not an environment"


def check_environment(
    document: dict[str, Any], templates: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Return what the metamodel and the templates refuse of an environment.

    Parameters
    ----------
    document : dict
        An environment as JSON.
    templates : mapping of str to environment
        The official templates, by number of the part of IDTA 02035.

    Raises
    ------
    OptionWrong
        If the extra `aas` is not installed.
    """
    found = tuple(_of_metamodel(document))
    if any(problem.part == UNREADABLE for problem in found):
        return found
    return (*found, *_of_templates(document, templates))


def _of_metamodel(document: dict[str, Any]) -> Iterator[Problem]:
    try:
        from aas_core3_1 import jsonization, verification
    except ImportError:
        raise OptionWrong(
            "model idta", "aas-core3.1 is not installed", "the extra `aas`",
            "pip install 'batteryloop[aas]'",
        ) from None  # fmt: skip
    try:
        environment = jsonization.environment_from_jsonable(document)
    except jsonization.DeserializationException as error:
        yield Problem(UNREADABLE, str(error.path), str(error.cause))
        return
    for refused in verification.verify(environment):
        yield Problem("metamodel", str(refused.path), refused.cause)


def _of_templates(document: dict[str, Any], templates: Mapping[str, Any]) -> Iterator[Problem]:
    by_meaning = {
        _meaning(submodel): (part, submodel)
        for part, environment in templates.items()
        for submodel in environment["submodels"]
    }
    for submodel in document.get("submodels", ()):
        name = submodel.get("idShort", "")
        part, template = by_meaning.get(_meaning(submodel), ("", None))
        if template is None:
            yield Problem(name, "", f"no template means {_meaning(submodel)!r}")
            continue
        yield from _compared(
            submodel.get("submodelElements") or (), template["submodelElements"], f"part {part}", ""
        )


def _compared(elements: Any, templates: Any, part: str, before: str) -> Iterator[Problem]:  # noqa: ANN401
    there = {element.get("idShort"): element for element in elements}
    known = {template["idShort"]: template for template in templates}
    for name in there:
        if name not in known:
            yield Problem(part, f"{before}{name}", "the template has no such element")
    for name, template in known.items():
        path = f"{before}{name}"
        if name in there:
            yield from _alike(there[name], template, part, path)
        elif is_needed(template):
            yield Problem(part, path, "the template asks for it")


def _alike(element: Any, template: Any, part: str, path: str) -> Iterator[Problem]:  # noqa: ANN401
    for key in ("modelType", "valueType"):
        if element.get(key) != template.get(key):
            found = f"{key} {element.get(key)!r}; the template has {template.get(key)!r}"
            yield Problem(part, path, found)
    if _meaning(element) != _meaning(template):
        yield Problem(part, path, f"means {_meaning(element)!r}, not {_meaning(template)!r}")
    inner = element.get("value") or ()
    if template["modelType"] == "SubmodelElementCollection":
        yield from _compared(inner, template.get("value") or (), part, f"{path}.")
    elif template["modelType"] == "SubmodelElementList":
        for place, item in enumerate(inner):
            yield from _alike(item, template["value"][0], part, f"{path}[{place}]")


def _meaning(element: Any) -> str:  # noqa: ANN401
    keys = (element.get("semanticId") or {}).get("keys") or ()
    return "/".join(str(key.get("value")) for key in keys)

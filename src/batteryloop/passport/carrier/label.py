"""What a battery's label says: the facts of Article 13, and which of them are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.errors import InputWrong, NotKnown, ValueOutOfRange
from batteryloop.passport.carrier.tables import LabelItem, label_items


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """The facts on a label; empty where they are not known.

    Parameters
    ----------
    link : str
        What the code leads to: a GS1 Digital Link or an identification link.
    battery_id, model : str
        As people read them.
    manufacturer : tuple of str
        Name, postal address, web address: a line each.
    made_on : date
        Month and year are printed.
    mass_kg, capacity_ah, energy_kwh : float
    hazardous, extinguishing, critical : tuple of str or None
        An empty tuple says that there are none; None that nobody knows.
    cadmium_frac, lead_frac : float
        Shares of mass [1].
    remarks : tuple of str
        Further words that must stand on it: non-rechargeable, repurposed.

    Raises
    ------
    ValueOutOfRange
        If a figure is not above 0, or a share not within 0 to 1.
    """

    link: str
    battery_id: str = ""
    model: str = ""
    category: str = ""
    manufacturer: tuple[str, ...] = ()
    made_at: str = ""
    made_on: date | None = None
    mass_kg: float | None = None
    capacity_ah: float | None = None
    energy_kwh: float | None = None
    chemistry: str = ""
    hazardous: tuple[str, ...] | None = None
    extinguishing: tuple[str, ...] = ()
    critical: tuple[str, ...] | None = None
    cadmium_frac: float = 0.0
    lead_frac: float = 0.0
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("mass_kg", "capacity_ah", "energy_kwh"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1e9:
                raise ValueOutOfRange(f"label {self.battery_id}", f"{name} {value}", "above 0")
        for name in ("cadmium_frac", "lead_frac"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueOutOfRange(
                    f"label {self.battery_id}", f"{name} {getattr(self, name)}", "0 to 1"
                )

    def words(self) -> list[tuple[str, str]]:
        """Return title and words of each item that is known, in the order of Annex VI."""
        capacity = " · ".join(
            part
            for part in (
                f"{self.capacity_ah:g} Ah" if self.capacity_ah else "",
                f"{self.energy_kwh:g} kWh" if self.energy_kwh else "",
            )
            if part
        )
        said = {
            "manufacturer": ", ".join(self.manufacturer),
            "category": self.category.replace("-", " "),
            "battery_id": " · ".join(part for part in (self.model, self.battery_id) if part),
            "made_at": self.made_at,
            "made_on": f"{self.made_on:%m/%Y}" if self.made_on else "",
            "mass_kg": f"{self.mass_kg:g} kg" if self.mass_kg else "",
            "capacity_ah": capacity,
            "chemistry": self.chemistry,
            "hazardous": _listed(self.hazardous),
            "extinguishing": ", ".join(self.extinguishing),
            "critical": _listed(self.critical),
        }
        titled = ((item.title, said.get(item.name, "")) for item in label_items())
        return [(title, words) for title, words in titled if words]

    def missing(self, on: date) -> tuple[LabelItem, ...]:
        """Return what the law asks for on that day and the facts do not give.

        Examples
        --------
        >>> facts = LabelFacts("https://x.example.com/7", battery_id="7", chemistry="LFP")
        >>> len(facts.missing(date(2026, 1, 1))), len(facts.missing(date(2027, 3, 1)))
        (0, 9)
        """
        given = {title for title, _ in self.words()} | ({"Code"} if self.link else set())
        return tuple(
            item for item in label_items() if item.applies_from <= on and item.title not in given
        )


def _listed(names: tuple[str, ...] | None) -> str:
    return "" if names is None else ", ".join(names) or "none"


_TEXTS = ("link", "battery_id", "model", "category", "made_at", "chemistry")
_FIGURES = ("mass_kg", "capacity_ah", "energy_kwh", "cadmium_frac", "lead_frac")
_LISTS = ("manufacturer", "hazardous", "extinguishing", "critical", "remarks")


def label_facts_of(document: object, *, subject: str = "label") -> LabelFacts:
    """Return the facts in a table of them, or in a passport of batteryloop.

    Raises
    ------
    InputWrong
        If it is neither, or a fact is of another kind.
    NotKnown
        If a table has a name that is no fact.

    Examples
    --------
    >>> label_facts_of({"link": "https://x.example.com/7", "mass_kg": 430}).mass_kg
    430.0
    """
    if not isinstance(document, Mapping):
        raise InputWrong(subject, "no table of facts", "a JSON object")
    facts = document
    if isinstance(document.get("attributes"), Mapping):
        facts = _from_passport(document["attributes"])
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if value is None:
            continue
        if name in _TEXTS and isinstance(value, str):
            found[name] = value.strip()
        elif name in _FIGURES and isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = float(value)
        elif name in _LISTS and isinstance(value, list | tuple) and all(map(_is_text, value)):
            found[name] = tuple(value)
        elif name == "made_on" and isinstance(value, str):
            found[name] = _day(value, subject)
        elif name in (*_TEXTS, *_FIGURES, *_LISTS, "made_on"):
            raise InputWrong(subject, f"{name} is {value!r}"[:120], "text, number or list of texts")
        else:
            raise NotKnown.among("fact of a label", str(name), [*_TEXTS, *_FIGURES, *_LISTS])
    return LabelFacts(**{"link": "", **found})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _day(text: str, subject: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10])
    except ValueError:
        raise InputWrong(subject, f"made_on {text!r}", "2026-11 or 2026-11-25") from None


def _from_passport(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Take from a passport what is public; its status is not, so it stays off the label."""

    def value(name: str) -> Any:  # noqa: ANN401
        entry = attributes.get(name)
        return entry.get("value") if isinstance(entry, Mapping) else None

    def lines(entry: object, *names: str) -> list[str]:
        table = entry if isinstance(entry, Mapping) else {}
        return [str(table[name]) for name in names if table.get(name)]

    maker, place, hazards = value("manufacturer"), value("manufacturing_place"), None
    if isinstance(value("hazardous_substances"), list):
        hazards = [
            str(one["name"])
            for one in value("hazardous_substances")
            if isinstance(one, Mapping) and one.get("name")
        ]
    links = [value(name) for name in ("battery_id", "passport_id")]
    return {
        "link": next((one for one in links if str(one).startswith(("http://", "https://"))), None),
        "battery_id": value("battery_id"),
        "category": value("category"),
        "manufacturer": lines(maker, "name", "address", "street", "city", "country", "web") or None,
        "made_at": ", ".join(lines(place, "city", "region", "country")) or None,
        "made_on": value("manufactured_on"),
        "mass_kg": value("mass_kg"),
        "capacity_ah": value("rated_capacity_ah"),
        "energy_kwh": value("certified_energy_kwh"),
        "chemistry": value("chemistry"),
        "hazardous": hazards,
        "extinguishing": value("extinguishing_agents"),
        "critical": value("critical_raw_materials"),
    }

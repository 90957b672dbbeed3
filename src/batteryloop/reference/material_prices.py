"""What products, reagents, energy and returned packs cost, from a table that the user replaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from batteryloop.errors import InputWrong, NotKnown
from batteryloop.reference.rows import rows

KINDS = ("product", "reagent", "feed", "energy_mj")


@dataclass(frozen=True, slots=True)
class MaterialPrices:
    """Prices by kind and item [USD/kg; energy USD/MJ], and when they were so.

    `feed` is what the recycler pays for a returned pack; below zero it is paid.
    """

    prices: dict[str, dict[str, float]]
    dated: str

    def of(self, kind: str, item: str) -> float:
        """Return one price.

        Raises
        ------
        NotKnown
            If the table has no such item; the nearest three are offered.

        Examples
        --------
        >>> material_prices().of("product", "steel")
        0.3272
        """
        found = self.prices.get(kind, {}).get(item)
        if found is None:
            raise NotKnown.among(f"{kind} price", item, self.prices.get(kind, {}))
        return found


def prices_of(table: Iterable[Mapping[str, str]]) -> MaterialPrices:
    """Return prices from rows with `item`, `kind`, `price_usd_per_kg` and `dated`.

    Raises
    ------
    InputWrong
        If a kind is not known or a price is no number.
    """
    found: dict[str, dict[str, float]] = {kind: {} for kind in KINDS}
    dates = set()
    for row in table:
        kind, item = row.get("kind", ""), row.get("item", "")
        try:
            found[kind][item] = float(row["price_usd_per_kg"])
        except KeyError as error:
            raise InputWrong(
                f"price of {item!r}", f"{error.args[0]!r}", f"a kind of {', '.join(KINDS)}"
            ) from None
        except ValueError:
            raise InputWrong(
                f"price of {item!r}", repr(row["price_usd_per_kg"]), "a number in USD/kg"
            ) from None
        dates.add(row.get("dated", ""))
    return MaterialPrices(found, ", ".join(sorted(dates)))


@cache
def material_prices() -> MaterialPrices:
    """Return the prices that ship with the project: of 2019 and 2022, not current ones."""
    return prices_of(rows("batteryloop.reference", "material_prices.csv"))

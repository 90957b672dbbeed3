"""What a battery is for, and which legal category follows from that."""

from enum import StrEnum


class Category(StrEnum):
    """The categories of Regulation (EU) 2023/1542, Article 3(1)(9) to (14).

    Stationary storage is an industrial battery in law; it stands apart because Annex VII asks
    more of it.
    """

    ELECTRIC_VEHICLE = "electric-vehicle"
    LIGHT_TRANSPORT = "light-transport"
    STARTER = "starter"
    STATIONARY_STORAGE = "stationary-storage"
    INDUSTRIAL = "industrial"
    PORTABLE = "portable"


class Application(StrEnum):
    """What a battery is used in."""

    CAR = "car"
    BUS = "bus"
    LOGISTICS_VEHICLE = "logistics-vehicle"
    HEAVY_TRUCK = "heavy-truck"
    SHIP = "ship"
    LIGHT_TRANSPORT = "light-transport"
    STARTER_12V = "starter-12v"
    STATIONARY_STORAGE = "stationary-storage"
    INDUSTRIAL = "industrial"
    PORTABLE = "portable"


_CATEGORY = {
    Application.CAR: Category.ELECTRIC_VEHICLE,
    Application.BUS: Category.ELECTRIC_VEHICLE,
    Application.LOGISTICS_VEHICLE: Category.ELECTRIC_VEHICLE,
    Application.HEAVY_TRUCK: Category.ELECTRIC_VEHICLE,
    Application.SHIP: Category.INDUSTRIAL,
    Application.LIGHT_TRANSPORT: Category.LIGHT_TRANSPORT,
    Application.STARTER_12V: Category.STARTER,
    Application.STATIONARY_STORAGE: Category.STATIONARY_STORAGE,
    Application.INDUSTRIAL: Category.INDUSTRIAL,
    Application.PORTABLE: Category.PORTABLE,
}


def category_of(application: Application) -> Category:
    """Return the legal category of a battery used so.

    Examples
    --------
    >>> category_of(Application.HEAVY_TRUCK).value
    'electric-vehicle'
    >>> category_of(Application.SHIP).value
    'industrial'
    """
    return _CATEGORY[application]

"""All that a report is made from, recorded in it, so that it can be made again."""

from dataclasses import dataclass, field
from datetime import datetime

from batteryloop.errors import NotKnown, ValueOutOfRange
from batteryloop.evaluation.profile import Profile
from batteryloop.health.open_circuit.curve import OcvCurve
from batteryloop.health.warning import DEFAULT_BUDGET_PER_YEAR
from batteryloop.record.categories import Application, Category, category_of
from batteryloop.record.types import BatteryIdentity

ROLES = (
    "producer",
    "producer-responsibility-organisation",
    "operator",
    "holder",
    "distributor",
    "service",
    "recycler",
    "authority",
)
VEHICLE_CLASSES = ("M1", "M2", "M3", "N1", "N2", "N3")


@dataclass(frozen=True, slots=True)
class InvolvedParty:
    """Who has to do with this battery, as what, in which country, since when.

    Raises
    ------
    NotKnown
        If the role is none of `ROLES`.
    ValueOutOfRange
        If there is no name or the country is not two capital letters.
    """

    role: str
    name: str
    country: str
    party_id: str = ""
    registration_number: str = ""
    since_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise NotKnown.among("role", self.role, ROLES)
        if not self.name:
            raise ValueOutOfRange("party", f"a {self.role} without a name", "a name")
        checked_country(self.country, f"party {self.name}")


def checked_country(country: str, subject: str) -> str:
    """Return the country's two letters, or say what they may be."""
    if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        raise ValueOutOfRange(
            subject, f"country {country!r}", "two capital letters of ISO 3166-1", "write DE, CN …"
        )
    return country


@dataclass(frozen=True, slots=True)
class Statement:
    """What the maker or the record states of a battery; None where nobody says.

    Voltages and temperatures are limits of a cell; `initial_` figures are of the battery when new.
    """

    application: Application | None = None
    vehicle_class: str | None = None
    country: str | None = None
    manufactured_at: datetime | None = None
    placed_on_market_at: datetime | None = None
    in_service_at: datetime | None = None
    certified_energy_wh: float | None = None
    initial_power_w: float | None = None
    initial_resistance_ohm: float | None = None
    initial_energy_efficiency_frac: float | None = None
    initial_self_discharge_per_day: float | None = None
    cell_voltage_min_v: float | None = None
    cell_voltage_max_v: float | None = None
    temperature_min_degc: float | None = None
    temperature_max_degc: float | None = None
    odometer_km: float | None = None
    originator: str = ""

    def __post_init__(self) -> None:
        if self.vehicle_class is not None and self.vehicle_class not in VEHICLE_CLASSES:
            raise NotKnown.among("vehicle class", self.vehicle_class, VEHICLE_CLASSES)
        if self.country is not None:
            checked_country(self.country, "battery")
        for name in _ABOVE_ZERO:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueOutOfRange(f"statement of {name}", f"{value:g}", "above 0")

    @property
    def category(self) -> Category | None:
        """The legal category that follows from the application; None where that is not known."""
        return None if self.application is None else category_of(self.application)


_EPOCH = 1970
_ABOVE_ZERO = (
    "certified_energy_wh",
    "initial_power_w",
    "initial_resistance_ohm",
    "initial_energy_efficiency_frac",
    "initial_self_discharge_per_day",
    "cell_voltage_min_v",
    "cell_voltage_max_v",
)


@dataclass(frozen=True, slots=True)
class TelemetryReference:
    """Which telemetry it was: where it lay, what it was called, and the hash of what it says."""

    name: str
    format: str
    content_sha256: str
    n_rows: int
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_simulated: bool = False
    is_time_relative: bool = False
    file_sha256: str = ""
    paths: tuple[str, ...] = ()
    mapping: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether its times are dates: testers that know none begin in the epoch's first year."""
        began = self.started_at
        return not self.is_time_relative and began is not None and began.year > _EPOCH


@dataclass(frozen=True, slots=True)
class OcvPoints:
    """An open-circuit curve that was handed in, point by point."""

    soc_frac: tuple[float, ...]
    voltage_v: tuple[float, ...]
    voltage_sd_v: float
    source: str = ""

    @classmethod
    def of(cls, curve: OcvCurve) -> "OcvPoints":
        """Return the points of a curve."""
        return cls(
            tuple(map(float, curve.soc_frac)),
            tuple(map(float, curve.voltage_v)),
            float(curve.voltage_sd_v),
            curve.source,
        )

    def curve(self) -> OcvCurve:
        """Return the curve through the points."""
        import numpy as np

        return OcvCurve(
            np.array(self.soc_frac), np.array(self.voltage_v), self.voltage_sd_v, "", self.source
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose: how sure, how many false alarms, which draws, what counts as life."""

    confidence_frac: float = 0.9
    false_alarms_per_year: float = DEFAULT_BUDGET_PER_YEAR
    seed: int = 0
    thresholds_frac: tuple[float, ...] = (0.8, 0.7)
    age_at_start_efc: float = 0.0


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a report is a function of, with the telemetry itself by its hash."""

    identity: BatteryIdentity
    telemetry: TelemetryReference
    evaluated_at: datetime
    software: str
    statement: Statement = field(default_factory=Statement)
    parties: tuple[InvolvedParty, ...] = ()
    profiles: tuple[Profile, ...] = ()
    options: Options = field(default_factory=Options)
    ocv: OcvPoints | None = None
    tables: dict[str, str] = field(default_factory=dict)

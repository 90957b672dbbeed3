"""What a passport's page says to whoever looks: the more may be seen, the more it shows."""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from batteryloop.api.access import viewers_of
from batteryloop.api.house import House
from batteryloop.api.passport_views import carrier_link
from batteryloop.passport.access import Viewer, redact, visible_points
from batteryloop.passport.carrier import code_svg
from batteryloop.passport.history import History
from batteryloop.passport.types import Passport
from batteryloop.record import BatteryState, Stage
from batteryloop.record.accounts import Caller
from batteryloop.usecases.export_passport import MODELS, PassportModel
from batteryloop.web.numbers import figure
from batteryloop.web.own_way import Way, draw_own_way, way_of_passport, way_of_record
from batteryloop.web.passport_rows import Group, groups_of
from batteryloop.web.rendering import picture
from batteryloop.web.signature import Signature, signature_of, version_of

Say = Callable[..., str]
_N_ENTRIES = 1_000
_IN_SIGHT = ("soce_frac", "certified_energy_kwh", "rated_energy_kwh", "rated_capacity_ah")
_FACTS = (
    "battery_id", "serial_number", "gbt_34014_code", "category", "status", "chemistry",
    "manufacturer", "operator", "manufactured_on", "placed_on_market_on", "in_service_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PassportView:
    """What the template draws."""

    passport: Passport
    history: History
    battery_id: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    capacities: tuple[str, ...]
    points: tuple[int, ...]
    is_public: bool
    may_open_battery: bool
    may_issue: bool
    loop: Markup
    code: Markup
    groups: tuple[Group, ...]
    signature: Signature
    exports: tuple[PassportModel, ...]

    @property
    def is_latest(self) -> bool:
        """Whether the version shown is the one that holds now."""
        return self.passport.version == self.history.latest.version

    @property
    def n_unknown(self) -> int:
        """How many attributes say that they are not known."""
        return sum(len(group.unknown) for group in self.groups)


def passport_view(
    house: House,
    caller: Caller,
    battery: BatteryState,
    history: History,
    *,
    version: int | None,
    may_open_battery: bool,
    may_write: bool,
    say: Say,
) -> PassportView:
    """Return what the page says of one version, redacted for whoever asks.

    Parameters
    ----------
    house : House
        Record, keys and clock.
    caller : Caller
        Who asks.
    battery : BatteryState
        Whose passport it is.
    history : History
        All its versions, whole.
    version : int, optional
        Which one; the one that holds now if not given or not there.
    may_open_battery : bool
        Whether the caller may see the battery's record too.
    may_write : bool
        Whether the caller's role may write at all.
    say : callable
        Says a text in the viewer's language.
    """
    viewers = viewers_of(caller, battery)
    whole = history.latest if version is None else version_of(history, version)
    passport = redact(whole, viewers)
    groups = groups_of(passport, say)
    centre, centre_note = _in_sight(passport, groups)
    way, here = _way(house, battery, passport, may_open_battery=may_open_battery)
    named = sorted(viewers - {Viewer.PUBLIC}) or [Viewer.PUBLIC]
    titles = {row.attribute.name: row for group in groups for row in group.known}
    return PassportView(
        passport=passport,
        history=history,
        battery_id=battery.battery.battery_id,
        headline=_headline(passport),
        facts=tuple(
            (titles[name].title, str(titles[name].value)) for name in _FACTS if name in titles
        ),
        capacities=tuple(say(f"viewer-{viewer}") for viewer in named),
        points=tuple(sorted(visible_points(viewers))),
        is_public=named == [Viewer.PUBLIC],
        may_open_battery=may_open_battery,
        may_issue=may_write and Viewer.ISSUER in viewers and passport.ceased_at is None,
        loop=picture(draw_own_way(way, here=here, centre=centre, centre_note=centre_note, say=say)),
        code=picture(code_svg(carrier_link(house, history.latest), module_mm=0.5)),
        groups=groups,
        signature=signature_of(house, battery, history),
        exports=tuple(m for m in MODELS.values() if house.settings.schemas or not m.needs_schemas),
    )


def _headline(passport: Passport) -> str:
    parts = [passport.value("model_name"), passport.value("chemistry")]
    energy = passport.value("certified_energy_kwh") or passport.value("rated_energy_kwh")
    capacity = passport.value("rated_capacity_ah")
    if energy:
        parts.append(f"{figure(energy)} kWh")
    elif capacity:
        parts.append(f"{figure(capacity)} Ah")
    said = " · ".join(str(part) for part in parts if part)
    return said or passport.battery_id


def _in_sight(passport: Passport, groups: tuple[Group, ...]) -> tuple[str, str]:
    """Return what stands in the middle of the loop: the most telling figure that may be seen."""
    rows = {row.attribute.name: row for group in groups for row in group.known}
    for name in _IN_SIGHT:
        if name in rows:
            row = rows[name]
            said = f"{row.value} {row.unit}"
            return said, f"{row.title} {row.interval}".strip()
    return str(passport.value("chemistry") or ""), ""


def _way(
    house: House, battery: BatteryState, passport: Passport, *, may_open_battery: bool
) -> tuple[Way, Stage | None]:
    """Return the way and where it is now: from the record for who may see it."""
    told = way_of_passport(passport)
    if not may_open_battery:
        return told, None
    entries = house.record.history(battery.battery.battery_id, n_most=_N_ENTRIES)
    return {**told, **way_of_record(entries)}, battery.stage

"""The transport document that ADR 5.4.1 asks for, and the rules it is checked by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from batteryloop.circular.collect.loading import load_points, loading_bans, needs_certified_driver
from batteryloop.circular.collect.movement import Movement
from batteryloop.circular.collect.packing import PackingRule, packing_rule
from batteryloop.circular.collect.types import Hub, PickUp, VehicleKind
from batteryloop.errors import InputWrong, RecordSaysNo


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One consignment of the document, entry by entry as ADR 5.4.1.1.1 (a) to (k) has them."""

    pickup_id: str
    un_number: str
    shipping_name: str
    goods_class: str
    packing_group: str
    tunnel_code: str
    n_packages: int
    package_kind: str
    quantity_kg: float
    consignor: str
    consignee: str
    statements: tuple[str, ...]
    mark: str
    approval: str
    condition: str
    purpose: str
    packed: str

    @property
    def description(self) -> str:
        """The description in the order that the law prescribes."""
        parts = [f"{self.un_number[:2]} {self.un_number[2:]} {self.shipping_name}"]
        parts.append(self.goods_class)
        if self.packing_group:
            parts.append(self.packing_group)
        said = ", ".join(parts)
        return f"{said} ({self.tunnel_code})" if self.tunnel_code else said

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        known = {name: getattr(self, name) for name in self.__slots__}
        return {**known, "statements": list(self.statements), "description": self.description}


@dataclass(frozen=True, slots=True)
class TransportDocument:
    """What travels with a truck: its lines, the truck's duties, and the papers beside it."""

    document_id: str
    day: date
    vehicle: str
    lines: tuple[DocumentLine, ...]
    points: float | None
    needs_certified_driver: bool
    equipment: tuple[str, ...]
    papers: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "document_id": self.document_id,
            "day": self.day.isoformat(),
            "vehicle": self.vehicle,
            "lines": [line.as_dict() for line in self.lines],
            "points": self.points,
            "needs_certified_driver": self.needs_certified_driver,
            "equipment": list(self.equipment),
            "papers": list(self.papers),
        }


def transport_document(
    document_id: str,
    pickups: Sequence[PickUp],
    hub: Hub,
    vehicle: VehicleKind,
    day: date,
    *,
    movements: Sequence[Movement] = (),
) -> TransportDocument:
    """Return the document of a truck's load; refuse what may not go or not together.

    Parameters
    ----------
    document_id : str
        Such as the tour's name.
    pickups : sequence of PickUp
        What is aboard.
    hub : Hub
        The consignee.
    vehicle : VehicleKind
        The truck.
    day : datetime.date
        Of the transport.
    movements : sequence of Movement, optional
        Across borders; their papers travel along.

    Raises
    ------
    InputWrong
        If nothing is aboard, or a consignment breaks the rules of its goods.
    RecordSaysNo
        If consignments may not share a truck, a border is closed to them, an approval is missing,
        or driver or truck may not carry them.

    Examples
    --------
    >>> site = PickUp("S1", "Garage Rive", "2 quai Rive, Lyon", "FR", 45.8, 4.8, 300.0)
    >>> hub = Hub("H", "Plant", "1 rue A, Grenoble", "FR", 45.2, 5.7)
    >>> van = VehicleKind("van", 1, 1200.0, 4, 200.0, 0.9, has_certified_driver=False)
    >>> document = transport_document("T1", [site], hub, van, date(2026, 11, 25))
    >>> document.lines[0].description
    'UN 3480 WASTE LITHIUM ION BATTERIES, 9 (E)'
    >>> document.needs_certified_driver
    False
    """
    if not pickups:
        raise InputWrong(f"document {document_id}", "nothing is aboard", "at least one pick-up")
    bans = loading_bans([p.condition for p in pickups], day)
    if bans:
        raise RecordSaysNo(
            f"document {document_id}",
            "; ".join(ban.sentence for ban in bans),
            "goods that may share a truck",
            "send them with two trucks",
        )
    for movement in movements:
        if not movement.is_allowed:
            raise RecordSaysNo(f"document {document_id}", movement.reason, movement.source)
    rules = [packing_rule(pickup, day) for pickup in pickups]
    points = load_points((r, p.mass_kg) for r, p in zip(rules, pickups, strict=True))
    certified = needs_certified_driver(points)
    _check_truck(document_id, pickups, vehicle, is_certified_needed=certified)
    return TransportDocument(
        document_id,
        day,
        vehicle.kind_id,
        tuple(_line(p, r, hub) for p, r in zip(pickups, rules, strict=True)),
        points,
        certified,
        _equipment(is_certified_needed=certified),
        _papers(pickups, rules, movements, is_certified_needed=certified),
    )


def _check_truck(
    document_id: str, pickups: Sequence[PickUp], vehicle: VehicleKind, *, is_certified_needed: bool
) -> None:
    subject = f"document {document_id}"
    if is_certified_needed and not vehicle.has_certified_driver:
        raise RecordSaysNo(
            subject,
            f"the driver of {vehicle.kind_id} has no ADR certificate",
            "at most 1,000 points without one (ADR 1.1.3.6)",
            "send a certified driver, or less",
        )
    if any(p.condition == "critical" for p in pickups) and not vehicle.takes_critical:
        raise RecordSaysNo(
            subject,
            f"{vehicle.kind_id} is not fitted for batteries liable to react",
            "a truck that takes critical batteries",
        )
    mass_kg = sum(p.mass_kg for p in pickups)
    if mass_kg > vehicle.capacity_kg:
        raise RecordSaysNo(
            subject, f"{mass_kg:,.0f} kg aboard", f"at most {vehicle.capacity_kg:,.0f} kg"
        )


def _line(pickup: PickUp, rule: PackingRule, hub: Hub) -> DocumentLine:
    is_waste = pickup.purpose != "reuse"
    name = rule.entry.shipping_name
    return DocumentLine(
        pickup.pickup_id,
        rule.entry.un_number,
        f"WASTE {name}" if is_waste else name,
        rule.entry.goods_class,
        rule.entry.packing_group,
        rule.entry.tunnel_code,
        pickup.n_packages,
        pickup.packing or rule.allowed[0],
        pickup.mass_kg,
        f"{pickup.name}, {pickup.address}, {pickup.country}",
        f"{hub.name}, {hub.address}, {hub.country}",
        (rule.statement,) if rule.statement else (),
        rule.mark,
        pickup.approval,
        pickup.condition,
        pickup.purpose,
        pickup.packed,
    )


def _equipment(*, is_certified_needed: bool) -> tuple[str, ...]:
    if not is_certified_needed:
        return ("2 kg fire extinguisher (ADR 8.1.4.2)",)
    return (
        "orange plates (ADR 5.3.2)",
        "fire extinguishers by the mass of the truck (ADR 8.1.4)",
        "wheel chock, two warning signs, vests, lamps, gloves, eye protection (ADR 8.1.5)",
    )


def _papers(
    pickups: Sequence[PickUp],
    rules: Sequence[PackingRule],
    movements: Sequence[Movement],
    *,
    is_certified_needed: bool,
) -> tuple[str, ...]:
    papers = ["this transport document (ADR 5.4.1)"]
    if is_certified_needed:
        papers += ["the driver's ADR certificate (8.2.1)", "instructions in writing (5.4.3)"]
    papers += [
        f"approval {pickup.approval} for {pickup.pickup_id}"
        for pickup, rule in zip(pickups, rules, strict=True)
        if rule.is_critical
    ]
    for movement in movements:
        papers += [f"{paper} ({movement.reason})" for paper in movement.documents]
    return tuple(dict.fromkeys(papers))


def document_faults(document: TransportDocument) -> tuple[str, ...]:
    """Return every fault of a document, read afresh against the rules; none, and it may go.

    It looks at the finished document only, so that one that was altered or made elsewhere is
    judged in the same way.

    Examples
    --------
    >>> site = PickUp("S1", "Garage", "Lyon", "FR", 45.8, 4.8, 300.0)
    >>> hub = Hub("H", "Plant", "Grenoble", "FR", 45.2, 5.7)
    >>> van = VehicleKind("van", 1, 1200.0, 4, 200.0, 0.9)
    >>> document_faults(transport_document("T1", [site], hub, van, date(2026, 11, 25)))
    ()
    """
    faults = []
    for line in document.lines:
        faults += [f"{line.pickup_id}: {fault}" for fault in _line_faults(line, document.day)]
    faults += [
        f"mixed loading: {ban.sentence}"
        for ban in loading_bans([line.condition for line in document.lines], document.day)
    ]
    needs = needs_certified_driver(document.points)
    if any(line.condition == "critical" for line in document.lines) and document.points is not None:
        faults.append("points are given, but transport category 0 has no exempt quantity")
    if needs and not document.needs_certified_driver:
        faults.append("the driver's certificate is needed and the document says it is not")
    if not document.lines:
        faults.append("no consignment is entered")
    return tuple(faults)


def _line_faults(line: DocumentLine, day: date) -> list[str]:
    faults = []
    for name, text in (("consignor", line.consignor), ("consignee", line.consignee)):
        if sum(bool(part.strip()) for part in text.split(",")) < 2:
            faults.append(f"{name} has no name and address")
    if line.n_packages < 1:
        faults.append("number of packages is missing")
    if not line.quantity_kg > 0:
        faults.append("quantity is missing")
    judged = PickUp(
        line.pickup_id, "", "", "", 0.0, 0.0, line.quantity_kg, line.n_packages, line.un_number,
        line.packed, line.condition, line.purpose, line.package_kind, line.approval,
    )  # fmt: skip
    try:
        rule = packing_rule(judged, day)
    except (InputWrong, RecordSaysNo) as error:
        return [*faults, str(error)]
    name = rule.entry.shipping_name
    wanted = {
        "proper shipping name": (
            line.shipping_name, name if line.purpose == "reuse" else f"WASTE {name}"
        ),
        "class": (line.goods_class, rule.entry.goods_class),
        "packing group": (line.packing_group, rule.entry.packing_group),
        "tunnel code": (line.tunnel_code, rule.entry.tunnel_code),
        "mark on the packages": (line.mark, rule.mark),
    }  # fmt: skip
    faults += [
        f"{entry} is {found!r}, not {right!r}"
        for entry, (found, right) in wanted.items()
        if found != right
    ]
    if rule.statement and rule.statement not in line.statements:
        faults.append(f"the words {rule.statement!r} are missing")
    return faults

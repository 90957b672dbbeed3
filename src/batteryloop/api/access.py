"""Who may do what: one row for every route, and the one place that decides by it.

A row names the roles that may act on what is their own organisation's, and those that may on what
is another's. No role contains another. A route without a row, or a row without a route, stops the
server before it starts (`checked`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from batteryloop.errors import AccessRefused, NotKnown, SignInNeeded
from batteryloop.passport.access import Viewer, visible_points
from batteryloop.record import BatteryState
from batteryloop.record.accounts import Caller, Role, Scope

Route = tuple[str, str]
Roles = frozenset[Role]


class About(StrEnum):
    """What a route is about, from which follows whose it is."""

    NOTHING = "nothing"
    FLEET = "fleet"
    BATTERY = "battery"
    EVENTS = "events"
    ORGANISATION = "organisation"
    PASSPORT = "passport"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: who may act on their own, who on another's, with which scope of a token.

    `is_restricted` routes give what the public may not see: every read of them is kept.
    """

    own: Roles
    foreign: Roles
    about: About = About.NOTHING
    scope: Scope = Scope.READ
    is_restricted: bool = False

    @property
    def anybody(self) -> Roles:
        """Who may act on something at all."""
        return self.own | self.foreign


HOLDERS: Roles = frozenset({Role.OPERATOR, Role.SERVICE, Role.RECYCLER})
OVERSEERS: Roles = frozenset({Role.AUTHORITY, Role.ADMIN})
ADMIN: Roles = frozenset({Role.ADMIN})
NOBODY: Roles = frozenset()
EVERYONE: Roles = frozenset(Role)
SIGNED_IN: Roles = EVERYONE - {Role.PUBLIC}


def _open() -> Rule:
    return Rule(EVERYONE, EVERYONE)


def _to(roles: Roles, scope: Scope = Scope.READ, *, is_restricted: bool = False) -> Rule:
    return Rule(roles, roles, About.NOTHING, scope, is_restricted)


def _read(about: About = About.BATTERY) -> Rule:
    return Rule(HOLDERS | OVERSEERS, OVERSEERS, about, Scope.READ, is_restricted=True)


def _shown() -> Rule:
    return Rule(EVERYONE, EVERYONE, About.PASSPORT, Scope.READ, is_restricted=True)


def _write(about: About = About.BATTERY) -> Rule:
    return Rule(HOLDERS | ADMIN, ADMIN, about, Scope.WRITE)


RULES: dict[Route, Rule] = {
    # What anybody may know of the server.
    ("GET", "/api/v1/health"): _open(),
    ("GET", "/api/v1/ready"): _open(),
    ("GET", "/api/v1/openapi.json"): _open(),
    # Signing in and out.
    ("POST", "/api/v1/session"): _open(),
    ("GET", "/api/v1/session"): _open(),
    ("DELETE", "/api/v1/session"): _open(),
    ("PUT", "/api/v1/accounts/me/password"): _to(SIGNED_IN, Scope.WRITE),
    ("GET", "/api/v1/accounts/me/tokens"): _to(SIGNED_IN),
    ("POST", "/api/v1/accounts/me/tokens"): _to(SIGNED_IN, Scope.WRITE),
    ("DELETE", "/api/v1/accounts/me/tokens/{token_id}"): _to(SIGNED_IN, Scope.WRITE),
    # Accounts and what was read.
    ("GET", "/api/v1/accounts"): _to(ADMIN, Scope.ACCOUNTS),
    ("POST", "/api/v1/accounts"): _to(ADMIN, Scope.ACCOUNTS),
    ("DELETE", "/api/v1/accounts/{account_id}"): _to(ADMIN, Scope.ACCOUNTS),
    ("GET", "/api/v1/readings"): _to(OVERSEERS),
    # The record.
    ("GET", "/api/v1/record/batteries"): _read(About.FLEET),
    ("GET", "/api/v1/record/stages"): _read(About.FLEET),
    ("GET", "/api/v1/record/batteries/{battery_id}"): _read(),
    ("GET", "/api/v1/record/batteries/{battery_id}/components"): _read(),
    ("GET", "/api/v1/record/batteries/{battery_id}/history"): _read(),
    ("GET", "/api/v1/record/batteries/{battery_id}/lineage"): _read(),
    ("GET", "/api/v1/record/batteries/{battery_id}/readings"): _read(),
    ("POST", "/api/v1/record/batteries/{battery_id}/events"): _write(),
    ("POST", "/api/v1/record/events"): _write(About.EVENTS),
    ("GET", "/api/v1/record/parties"): _to(SIGNED_IN),
    ("GET", "/api/v1/record/parties/{party_id}"): _to(SIGNED_IN),
    ("PUT", "/api/v1/record/parties/{party_id}"): _write(About.ORGANISATION),
    ("GET", "/api/v1/record/verification"): _to(OVERSEERS),
    ("GET", "/api/v1/record/export"): _to(ADMIN, is_restricted=True),
    # Evaluations.
    ("GET", "/api/v1/evaluation/batteries/{battery_id}"): _read(),
    ("GET", "/api/v1/evaluation/batteries/{battery_id}/{sha256}"): _read(),
    ("POST", "/api/v1/evaluation/batteries/{battery_id}"): _write(),
    # Health: computed from telemetry, or from what is sent; nothing is kept.
    ("POST", "/api/v1/health/batteries/{battery_id}/forecast"): _read(),
    ("POST", "/api/v1/health/batteries/{battery_id}/warnings"): _read(),
    ("POST", "/api/v1/health/batteries/{battery_id}/shape"): _read(),
    ("GET", "/api/v1/health/models"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/health/models/{name}/grades"): _to(HOLDERS | OVERSEERS),
    # The circular decision: computed from what is sent, nothing is kept.
    ("POST", "/api/v1/circular/triage"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/match"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/repurpose"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/collect"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/recycle"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/blend"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/trace"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/returns"): _to(HOLDERS | OVERSEERS),
    ("POST", "/api/v1/circular/responsibility"): _to(HOLDERS | OVERSEERS),
    # Passports. Everybody may ask; what each is shown is the lattice of `passport.access`.
    ("POST", "/api/v1/passports/of/{battery_id}"): _write(),
    ("GET", "/api/v1/passports/{passport_id}"): _shown(),
    ("GET", "/api/v1/passports/{passport_id}/versions"): _shown(),
    ("GET", "/api/v1/passports/{passport_id}/validation"): _read(About.PASSPORT),
    ("GET", "/api/v1/passports/{passport_id}/exports/{model}"): _shown(),
    ("GET", "/api/v1/passports/{passport_id}/code.svg"): _shown(),
    ("GET", "/api/v1/passports/{passport_id}/label"): _shown(),
    ("GET", "/api/v1/passports/{passport_id}/credential"): _shown(),
    ("POST", "/api/v1/passports/{passport_id}/credential"): _write(About.PASSPORT),
    ("POST", "/api/v1/passports/{passport_id}/revocation"): _write(About.PASSPORT),
    ("POST", "/api/v1/verifications"): _open(),
    ("GET", "/api/v1/issuer/keys"): _open(),
    ("GET", "/api/v1/issuer/status-list"): _open(),
    # The paths of EN 18222.
    ("POST", "/v1/dpps"): _write(About.EVENTS),
    ("GET", "/v1/dpps/{dppId}"): _shown(),
    ("PATCH", "/v1/dpps/{dppId}"): _write(About.PASSPORT),
    ("DELETE", "/v1/dpps/{dppId}"): _write(About.PASSPORT),
    ("GET", "/v1/dpps/{dppId}/elements/{elementIdPath}"): _shown(),
    ("PATCH", "/v1/dpps/{dppId}/elements/{elementIdPath}"): _write(About.PASSPORT),
    ("GET", "/v1/dppsByProductId/{productId}"): _open(),
    ("GET", "/v1/dppsByIdAndDate/{dppId}"): _shown(),
    ("POST", "/v1/dppsByProductIds"): _open(),
}


# A deed is done in the name of one's own organisation; an admin may act for any.
OWN_NAME = Rule(EVERYONE, ADMIN, About.ORGANISATION, Scope.WRITE)


def admit_role(rule: Rule, caller: Caller) -> None:
    """Let a caller pass whose role and token may act on something of this kind.

    Raises
    ------
    SignInNeeded
        If nobody has signed in and the public may not.
    AccessRefused
        If the role may not, or the token is not for this.
    """
    if caller.role not in rule.anybody:
        if caller.is_nobody:
            raise SignInNeeded(
                "caller", caller.why_nobody or "nobody has signed in", _names(rule.anybody),
                "show a token as `Authorization: Bearer …`, or sign in",
            )  # fmt: skip
        raise AccessRefused(
            f"account {caller.account_id}", f"role {caller.role}", _names(rule.anybody),
            "ask an admin for an account of that role",
        )  # fmt: skip
    if rule.scope not in caller.scopes and not caller.is_nobody:
        raise AccessRefused(
            f"token of {caller.account_id}", f"for {_names(caller.scopes)}", rule.scope.value,
            "issue a token with that scope",
        )  # fmt: skip


def is_own(caller: Caller, battery: BatteryState) -> bool:
    """Return whether the caller's organisation holds the battery or answers for it."""
    return caller.owns(battery.holder_id, battery.responsible_id)


def admit_battery(rule: Rule, caller: Caller, battery: BatteryState) -> bool:
    """Let a caller pass whose organisation's battery it is, or who may see others'.

    Returns whether it is the caller's own. Another's battery is as unknown as one that is not
    there, so that nobody learns of others' batteries by asking.

    Raises
    ------
    NotKnown
        If it is another's.
    """
    own = is_own(caller, battery)
    if caller.role not in (rule.own if own else rule.foreign):
        raise unknown_battery(battery.battery.battery_id)
    return own


def admit_organisation(rule: Rule, caller: Caller, organisation_id: str) -> None:
    """Let a caller pass who acts for the organisation, or who may act for any.

    Raises
    ------
    AccessRefused
        If it is another's.
    """
    own = caller.owns(organisation_id)
    if caller.role not in (rule.own if own else rule.foreign):
        raise AccessRefused(
            f"organisation {organisation_id[:64]!r}", "is not yours",
            _names(caller.organisation_ids) or "none", "act for your own organisation",
        )  # fmt: skip


def viewers_of(caller: Caller, battery: BatteryState) -> frozenset[Viewer]:
    """Return in which capacities a caller looks at a battery's passport.

    Who holds the battery is its holder, who answers for it its issuer; services and recyclers have
    a legitimate interest in the batteries that are theirs to handle.
    """
    found = {Viewer.PUBLIC}
    if caller.role is Role.ADMIN:
        found.add(Viewer.ISSUER)
    if caller.role is Role.AUTHORITY:
        found.add(Viewer.AUTHORITY)
    if caller.role is Role.LEGITIMATE_INTEREST:
        found.add(Viewer.LEGITIMATE_INTEREST)
    if caller.role in HOLDERS and is_own(caller, battery):
        if caller.owns(battery.holder_id):
            found.add(Viewer.HOLDER)
        if caller.owns(battery.responsible_id):
            found.add(Viewer.ISSUER)
        if caller.role in {Role.SERVICE, Role.RECYCLER}:
            found.add(Viewer.LEGITIMATE_INTEREST)
    return frozenset(found)


def sees_beyond_public(caller: Caller, battery: BatteryState) -> bool:
    """Return whether a caller is shown more of a passport than the public."""
    return visible_points(viewers_of(caller, battery)) > visible_points({Viewer.PUBLIC})


def organisations_in_view(rule: Rule, caller: Caller) -> frozenset[str] | None:
    """Return whose batteries a list may show; None means everybody's."""
    return None if caller.role in rule.foreign else caller.organisation_ids


def unknown_passport(passport_id: str) -> NotKnown:
    """Return the one answer for a passport that is not there, or not the caller's to change."""
    return NotKnown(f"passport {passport_id[:64]!r}", "not known", next_step="check its name")


def unknown_battery(battery_id: str) -> NotKnown:
    """Return the one answer for a battery that is not there, or not the caller's to see."""
    return NotKnown(
        f"battery {battery_id[:64]!r}", "not known", next_step="look for it in your fleet"
    )


def checked(rules: Mapping[Route, Rule], routes: Iterable[Route]) -> None:
    """Stop a server whose table and routes do not agree.

    Raises
    ------
    RuntimeError
        If a route has no row, or a row no route.
    """
    walked = set(routes)
    bare, idle = walked - set(rules), set(rules) - walked
    if bare or idle:
        raise RuntimeError(f"routes without a row: {sorted(bare)}; rows without: {sorted(idle)}")


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(str(name) for name in names))

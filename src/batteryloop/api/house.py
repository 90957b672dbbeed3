"""What every route is handed: the record, the accounts, the settings, the clock, chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from batteryloop.api.access import RULES, Route, Rule
from batteryloop.api.audit import Audit
from batteryloop.api.callers import Callers
from batteryloop.api.cookies import Cookies
from batteryloop.api.rates import Rates
from batteryloop.api.turns import Turns
from batteryloop.record import BatteryState
from batteryloop.record.accounts import Caller
from batteryloop.usecases.accounts_port import Accounts, Passwords
from batteryloop.usecases.record_port import WholeRecord
from batteryloop.wiring.keys import IssuerFolder
from batteryloop.wiring.settings import Settings


@dataclass(slots=True)
class House:
    """Everything that the routes work with; one a server, in `app.state.house`.

    `reads_inline` says that a quick read need not leave the thread of the event loop: the record
    is a file, whose readers wait for nobody.
    """

    settings: Settings
    record: WholeRecord
    accounts: Accounts
    passwords: Passwords
    now: Callable[[], datetime]
    new_secret: Callable[[], str]
    cookies: Cookies
    rates: Rates
    callers: Callers
    audit: Audit
    issuer: IssuerFolder | None = None
    reads_inline: bool = False
    turns: Turns = field(default_factory=Turns)
    rules: dict[Route, Rule] = field(default_factory=lambda: dict(RULES))


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def _caller(request: Request) -> Caller:
    caller: Caller = request.scope["caller"]
    return caller


async def _rule(request: Request) -> Rule:
    rule: Rule = request.scope["rule"]
    return rule


async def _battery(request: Request) -> BatteryState:
    battery: BatteryState = request.scope["battery"]
    return battery


async def _house_of(request: Request) -> House:
    return _house(request)


TheHouse = Annotated[House, Depends(_house_of)]
TheCaller = Annotated[Caller, Depends(_caller)]
TheRule = Annotated[Rule, Depends(_rule)]
TheBattery = Annotated[BatteryState, Depends(_battery)]

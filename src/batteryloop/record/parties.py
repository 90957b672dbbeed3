"""Who has to do with a battery: makers, operators, services, recyclers, authorities."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from batteryloop.errors import ValueOutOfRange


class PartyRole(StrEnum):
    """What a party does."""

    PRODUCER = "producer"
    OPERATOR = "operator"
    SERVICE = "service"
    RECYCLER = "recycler"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation.

    Parameters
    ----------
    party_id : str
        Its name in this record.
    name : str
        As people write it.
    country : str
        Two letters, ISO 3166-1.
    roles : tuple of PartyRole
        What it does.
    registration_number : str, default ""
        Its number in a producers' register, where it has one.

    Raises
    ------
    ValueOutOfRange
        If there is no name or the country is not two capital letters.
    """

    party_id: str
    name: str
    country: str
    roles: tuple[PartyRole, ...] = ()
    registration_number: str = ""

    def __post_init__(self) -> None:
        if not self.party_id or not self.name:
            raise ValueOutOfRange("party", "no name", "a name and an id", "give both")
        if not (len(self.country) == 2 and self.country.isalpha() and self.country.isupper()):
            raise ValueOutOfRange(
                f"party {self.party_id}",
                f"country {self.country!r}",
                "two capital letters of ISO 3166-1",
                "write DE, SG, CN …",
            )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "party_id": self.party_id,
            "name": self.name,
            "country": self.country,
            "roles": [role.value for role in self.roles],
            "registration_number": self.registration_number,
        }

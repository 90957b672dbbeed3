"""What a server is told: from the environment, `BATTERYLOOP_…`, or from a TOML file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from batteryloop.errors import OptionWrong, PathMissing

PREFIX = "BATTERYLOOP_"


class Settings(BaseModel):
    """Everything that can be set; secrets come from the environment or a file alone.

    Examples
    --------
    >>> Settings.read({"BATTERYLOOP_PORT": "9000"}).port
    9000
    >>> Settings(public_url="https://loop.example.org").is_https
    True
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8300, ge=0, le=65535, description="Port to listen on.")
    public_url: str = Field("", description="How others reach it, without a slash at the end.")
    record: str | None = Field(
        None, description="The record: a file, or the URL of SQLite or PostgreSQL."
    )
    lake: Path | None = Field(None, description="The lake of telemetry.")
    models: Path | None = Field(
        None, description="Folder of learned health models, from `health train`."
    )
    schemas: Path | None = Field(None, description="Folder of the official passport schemas.")
    keys: Path = Field(
        Path("batteryloop-keys"), description="Folder of signing keys, readable by us alone."
    )
    trusted_proxies: str = Field(
        "", description="Addresses of proxies whose word on the caller's address counts."
    )
    session_key: SecretStr | None = Field(
        None, description="Signs session cookies; made and kept in `keys` if not given."
    )
    session_h: float = Field(12.0, gt=0, le=720, description="How long a person stays signed in.")
    requests_per_minute: int = Field(600, ge=1, description="Most requests of one caller.")
    sign_ins_per_minute: int = Field(10, ge=1, description="Most sign-ins from one address.")
    body_mb: float = Field(16.0, gt=0, le=1024, description="Largest body of a request.")

    @property
    def is_https(self) -> bool:
        """Whether people reach it over https, so that cookies may demand it."""
        return self.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """The address that goes into passports and codes."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @classmethod
    def read(
        cls, environment: Mapping[str, str], file: Path | None = None, **given: object
    ) -> "Settings":
        """Return the settings: what is given counts over the environment, that over the file.

        Raises
        ------
        PathMissing
            If the file is not there.
        OptionWrong
            If a setting is unknown or has a value that it cannot have.
        """
        values: dict[str, Any] = _of_file(file) if file else {}
        known = cls.model_fields
        values |= {
            name: environment[PREFIX + name.upper()]
            for name in known
            if PREFIX + name.upper() in environment
        }
        values |= {name: value for name, value in given.items() if value is not None}
        try:
            return cls.model_validate(values)
        except ValidationError as exc:
            first = exc.errors(include_input=False, include_url=False)[0]
            name = ".".join(map(str, first["loc"])) or "settings"
            raise OptionWrong(f"setting {name}", first["msg"], ", ".join(sorted(known))) from None


def _of_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        raise PathMissing(str(file), "is not there", "a TOML file of settings", "check the path")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise OptionWrong(
            file.name, str(exc), "TOML", "see the guide on running the server"
        ) from exc

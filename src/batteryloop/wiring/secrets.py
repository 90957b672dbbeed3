"""The only place that makes secrets: passwords, tokens, sessions, the key that signs cookies."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

from batteryloop.errors import OutsideFailed


def new_secret() -> str:
    """Return 256 bits of chance as 43 characters that may stand in an address."""
    return secrets.token_urlsafe(32)


def new_password() -> str:
    """Return a random password of 96 bits."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True, slots=True)
class Argon2Passwords:
    """Fulfils `usecases.accounts_port.Passwords` with Argon2id."""

    hasher: PasswordHash = field(default_factory=PasswordHash.recommended)
    decoy: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        """Return the hash, with a salt of its own."""
        return self.hasher.hash(password)

    def matches(self, password: str, password_hash: str) -> bool:
        """Return whether the password has this hash; as slow where there is no hash."""
        if not password_hash:
            if not self.decoy:
                self.decoy.append(self.hasher.hash(new_secret()))
            self.hasher.verify(password, self.decoy[0])
            return False
        try:
            return self.hasher.verify(password, password_hash)
        except UnknownHashError:
            return False


def key_in(file: Path) -> str:
    """Return the key kept in a file that its owner alone may read; made if it is not there.

    Raises
    ------
    OutsideFailed
        If the file cannot be read or made.
    """
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(new_secret() + "\n", encoding="ascii")
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise OutsideFailed(
            f"key file {file}", str(exc), "a file that we may write", "name another place"
        ) from exc

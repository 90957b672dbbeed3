"""An issuer's folder: private keys that nobody else may read, and what is published from them.

::

    batteryloop-keys/          0700
    ├── private/<kid>.pem      0600, PKCS #8; encrypted if a password is set
    ├── keys.json              the public key set, to be published
    ├── status.json            which place was given to which credential; 0600
    └── status-list.vc.jwt     the signed status list, to be published

The password comes from the environment (BATTERYLOOP_KEY_PASSWORD) or from the file that
BATTERYLOOP_KEY_PASSWORD_FILE names; there is no option for it.
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from joserfc.jwk import ECKey, OKPKey

from batteryloop.errors import FileDamaged, OptionWrong, OutsideFailed, PathMissing, RecordSaysNo
from batteryloop.passport.credential import (
    KeySet,
    SigningKey,
    StatusRegister,
    key_set_of,
    parsed,
    register_of,
)
from batteryloop.storage.durable import outside, write_whole
from batteryloop.storage.lock import exclusive

PASSWORD = "BATTERYLOOP_KEY_PASSWORD"
PASSWORD_FILE = "BATTERYLOOP_KEY_PASSWORD_FILE"


def random_bytes(n_bytes: int) -> bytes:
    """Return bytes that nobody can foresee."""
    return secrets.token_bytes(n_bytes)


def new_signing_key(issuer: str, algorithm: str = "EdDSA") -> SigningKey:
    """Return a new key.

    Raises
    ------
    OptionWrong
        If the algorithm is neither EdDSA nor ES256.
    """
    if algorithm == "EdDSA":
        return SigningKey(issuer, OKPKey.generate_key("Ed25519"))
    if algorithm == "ES256":
        return SigningKey(issuer, ECKey.generate_key("P-256"))
    raise OptionWrong("--algorithm", repr(algorithm), "EdDSA or ES256")


def password_in(environment: Mapping[str, str]) -> bytes | None:
    """Return the password that protects the private keys, if one is set.

    Raises
    ------
    PathMissing
        If the file that should hold it is not there.
    """
    if PASSWORD in environment:
        return environment[PASSWORD].encode() or None
    if PASSWORD_FILE not in environment:
        return None
    path = Path(environment[PASSWORD_FILE])
    if not path.is_file():
        raise PathMissing(PASSWORD_FILE, f"{path} is not there", "a file with the password")
    return path.read_bytes().strip() or None


@dataclass(frozen=True, slots=True)
class IssuerFolder:
    """The folder of one issuer."""

    path: Path
    password: bytes | None = None

    @property
    def keys_file(self) -> Path:
        """The public key set."""
        return self.path / "keys.json"

    @property
    def status_list_file(self) -> Path:
        """The signed status list."""
        return self.path / "status-list.vc.jwt"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder, so that no two commands give the same place or lose a key."""
        if not self.keys_file.is_file():
            raise PathMissing(
                str(self.path), "holds no keys", "an issuer's folder",
                "make one with `batteryloop passport keys new`",
            )  # fmt: skip
        with exclusive(self.path / ".lock", deed="working in", waits=True):
            yield

    def begin(self, key: SigningKey, keys: KeySet, register: StatusRegister) -> None:
        """Make the folder with its first key.

        Raises
        ------
        RecordSaysNo
            If there is one already.
        """
        if self.keys_file.exists():
            raise RecordSaysNo(
                str(self.path), "has keys already", next_step="rotate the key instead"
            )
        with outside(str(self.path)):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.keep_key(key)
        self.keep_register(register)
        self.publish_keys(keys)

    def keep_key(self, key: SigningKey) -> None:
        """Write a private key, readable by us alone."""
        native = serialization.load_pem_private_key(key.key.as_pem(private=True), None)
        pem = native.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(self.password)
            if self.password
            else serialization.NoEncryption(),
        )
        folder = self.path / "private"
        with outside(str(folder)):
            folder.mkdir(mode=0o700, exist_ok=True)
            _write_private(folder / f"{key.kid}.pem", pem)

    def keys(self) -> KeySet:
        """Return the public key set.

        Raises
        ------
        PathMissing, FileDamaged, InputWrong
            If there is none.
        """
        return read_key_set(self.keys_file)

    def publish_keys(self, keys: KeySet) -> None:
        """Write the public key set."""
        with outside(str(self.keys_file)):
            write_whole(self.keys_file, _json(keys.as_jwks()))

    def register(self) -> StatusRegister:
        """Return which place was given to which credential."""
        path = self.path / "status.json"
        return register_of(parsed(_read(path), subject=path.name), subject=path.name)

    def keep_register(self, register: StatusRegister) -> None:
        """Write which place was given to which credential."""
        with outside(str(self.path)):
            _write_private(self.path / "status.json", _json(register.as_dict()))

    def publish_status_list(self, token: str) -> None:
        """Write the signed status list."""
        with outside(str(self.status_list_file)):
            write_whole(self.status_list_file, token.encode() + b"\n")

    def signing_key(self, now: datetime) -> SigningKey:
        """Return the key that signs now: the newest that is valid and was not withdrawn.

        Raises
        ------
        RecordSaysNo
            If there is none.
        FileDamaged, OptionWrong
            If its file cannot be opened.
        """
        keys = self.keys()
        newest = keys.signing_at(now)
        if newest is None:
            raise RecordSaysNo(
                keys.issuer, "has no key that may sign now",
                next_step="make one with `batteryloop passport keys rotate`",
            )  # fmt: skip
        found = SigningKey(keys.issuer, self._private(newest.kid))
        if found.kid != newest.kid:
            raise FileDamaged(f"{newest.kid}.pem", f"is key {found.kid}", newest.kid)
        return found

    def _private(self, kid: str) -> OKPKey | ECKey:
        path = self.path / "private" / f"{kid}.pem"
        data = _read(path)
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise OutsideFailed(
                str(path), "others may read this private key", "mode 0600",
                "chmod 600 it, and ask who has read it",
            )  # fmt: skip
        try:
            native = serialization.load_pem_private_key(data, self.password)
        except TypeError as exc:
            wants = "is not encrypted, but a password is set"
            lacks = "is encrypted, and no password is set"
            raise OptionWrong(
                PASSWORD, f"{path.name} {wants if self.password else lacks}", f"see {PASSWORD_FILE}"
            ) from exc
        except (ValueError, UnsupportedAlgorithm) as exc:
            raise FileDamaged(
                path.name, "is no private key, or the password is wrong", "PKCS #8 in PEM"
            ) from exc
        plain = native.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        if isinstance(native, ed25519.Ed25519PrivateKey):
            return OKPKey.import_key(plain)
        if isinstance(native, ec.EllipticCurvePrivateKey):
            return ECKey.import_key(plain)
        raise FileDamaged(path.name, f"is a {type(native).__name__}", "Ed25519 or P-256")


def read_key_set(path: Path) -> KeySet:
    """Return the public key set in a file.

    Raises
    ------
    PathMissing
        If the file is not there.
    InputWrong
        If it holds none.
    """
    return key_set_of(parsed(_read(path), subject=path.name))


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise PathMissing(str(path), "is not there", "a file", "check the path")
    with outside(str(path)):
        return path.read_bytes()


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _write_private(path: Path, data: bytes) -> None:
    """Write a file that was never readable by others, not even for a moment."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)

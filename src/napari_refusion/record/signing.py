"""Signing a chain with the reader's own key (Ed25519, RFC 8032), so that a chain that was computed anew is found, too.

Payload of a ``sign`` event: ``{"key", "signature"}``, both in hexadecimal; what is signed is the reader, the number of
events before it, and the hash of the last of them. The public key is in the project's settings. Needs ``cryptography``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from napari_refusion.io.given_path import GivenPath, given_path
from napari_refusion.io.whole_files import atomic
from napari_refusion.record.events import START, Event
from napari_refusion.volume.finding import RefusedError, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from napari_refusion.record.store import Store

NOT_SIGNED: Final = "not signed"

_MISSING: Final = "Signatures need the package cryptography: pip install cryptography."


@dataclass(frozen=True, slots=True)
class Signed:
    """What the signatures of a chain say."""

    words: str
    """In words, for whoever verifies it."""
    faults: tuple[str, ...] = ()
    """Each as ``expected ..., found ...``."""


def make_key(path: GivenPath) -> str:
    """Write a new private key to a file that is not there yet, and return its public key in hexadecimal.

    Raises
    ------
    RefusedError
        If it is there already or cannot be written, or without ``cryptography``.
    """
    _check_installed()
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = given_path(path)
    if path.exists():
        raise refuse("output", f"Choose another name, a key is never replaced; this already exists: {path}", str(path))
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    with atomic(path) as temporary:
        temporary.touch(0o600)  # for the owner alone from the first byte on
        temporary.write_bytes(text)
    return key.public_key().public_bytes_raw().hex()


def sign(store: "Store", key: GivenPath, keys: Mapping[str, str] = MappingProxyType({})) -> str:
    """Sign everything that is in a store with the private key in a file, and return the public key.

    Parameters
    ----------
    keys
        Public keys of the project's readers, by name: it must be the reader's own, and nobody else's.

    Raises
    ------
    RefusedError
        If there is no such key, without ``cryptography``, or see `Store.append`.
    """
    key = given_path(key)
    payload = signature(key, store.reader, store.chain())
    public, others = keys.get(store.reader, payload["key"]), [name for name in keys if name != store.reader]
    if other := next((name for name in others if keys[name] == payload["key"]), ""):
        sentence = f"Make a key of {store.reader} with review key: {key.name} signs for {other}."
        raise refuse("review", sentence, payload["key"][:12])
    if payload["key"] != public:
        sentence = f"{store.reader} signs with the key {public[:12]}, and {key.name} is another one: use that key."
        raise refuse("review", sentence, payload["key"][:12])
    store.append("", "", "sign", payload)
    return payload["key"]


def signature(path: GivenPath, reader: str, chain: Sequence[Event]) -> dict[str, str]:
    """Return the payload of the event that signs a chain with the key in a file."""
    _check_installed()
    key = _read_key(given_path(path))
    public = key.public_key().public_bytes_raw().hex()
    return {
        "key": public,
        "signature": key.sign(_message(reader, len(chain), chain[-1].hash if chain else START)).hex(),
    }


def signed(reader: str, chain: Sequence[Event], key: str) -> Signed:
    """Return what the signatures of a chain say.

    Parameters
    ----------
    key
        Public key that the project has of this reader; empty for none.
    """
    signatures = [(place, event) for place, event in enumerate(chain) if event.kind == "sign"]
    if not signatures:
        fault = f"expected a signature with the key {key[:12]}, found none"
        return Signed(NOT_SIGNED, (fault,) if key else ())
    try:
        _check_installed()
    except RefusedError:
        return Signed(f"signed, which was not checked. {_MISSING}")
    faults = []
    for place, event in signatures:
        found = str(event.payload.get("key", ""))
        if key and found != key:
            faults.append(f"event {place + 1}: expected a signature with the key {key[:12]}, found {found[:12]}")
        elif not _fits(event, _message(reader, place, event.previous)):
            faults.append(f"event {place + 1}: expected a signature of the events before, found another")
    last, found = signatures[-1][0], str(signatures[-1][1].payload.get("key", ""))
    after = len(chain) - last - 1
    words = f"signed with the key {found[:12]}" + ("" if key else ", which is not the project's key of this reader")
    more = f"; the newest {after} event{'' if after == 1 else 's'} not signed" if after else ""
    return Signed(words + more, tuple(faults))


def _message(reader: str, count: int, head: str) -> bytes:
    return f"refusion-review/1\n{reader}\n{count}\n{head}".encode()


def _fits(event: Event, message: bytes) -> bool:
    """Return whether an event's signature is one of a message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(event.payload["key"]))
        public.verify(bytes.fromhex(event.payload["signature"]), message)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def _read_key(path: "Path") -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if path.exists() and not path.is_file():  # reading a pipe would not end
        raise refuse("review", f"{path} is not a file: name the private key.", path.name)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise refuse("review", f"{path} cannot be read: {error.strerror or error}.", path.name) from error
    except (ValueError, TypeError) as error:
        raise refuse("review", f"{path} is not a private key without a password: make one.", path.name) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise refuse("review", f"{path} is not an Ed25519 key: make one with review key.", path.name)
    return key


def _check_installed() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise refuse("review", _MISSING) from error

"""Whether the files of TLS are what they are named for, before anything is begun: `refuse_wrong`.

Each file is read by itself first; then both ends of a connection are made of them, in memory. That shows what libraries
for engines would meet later, each in a way of its own.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from edgewright.errors import UserError, UserErrors

_HOW = "docs/machines.md says how certificates are made"
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_CERTIFICATE = "a certificate in PEM format"
_KEY = "a private key in PEM format, without a password"
_ENDS = (ssl.Purpose.SERVER_AUTH, ssl.Purpose.CLIENT_AUTH)
_ROUNDS = 4
"""Turns of each end in which a handshake of TLS 1.3 or 1.2 is over."""

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name."""

_TIMES = {9: ("is not valid yet", "notBefore"), 10: ("has expired", "notAfter")}
"""What OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED mean, and the date that says so."""

_OTHER = {7, 18, 19, 20, 21}
"""Codes of OpenSSL for a certificate that is signed by somebody else."""


class _LockedError(Exception):
    """A key is asked for its password."""


def refuse_wrong(ca: Path, cert: Path, key: Path, where: str) -> None:
    """Nothing, where both ends of a connection that have these files would let each other in.

    Args:
        ca: file of the authority's certificate; all three are there.
        cert: file of the own certificate.
        key: file of its key.
        where: where they are asked for, for messages.

    Raises:
        UserErrors: what is wrong with each file, else with two of them together.
    """
    errors = [*_unlike(where, "ca", ca), *_unlike(where, "cert", cert), *_unlike(where, "key", key)]
    if errors:
        raise UserErrors(errors)
    _refuse_other_key(cert, key, where)
    _refuse_other_authority(ca, cert, key, where)


def _unlike(where: str, name: str, path: Path) -> Iterator[UserError]:
    """The fault of a file that holds something else than its name says."""
    try:
        content = path.read_bytes()
    except OSError as error:
        yield UserError(where, f"the file of TLS cannot be read: {name}: {error.strerror}", got=str(path))
        return
    kind, fits = (_KEY, b"PRIVATE KEY-----" in content) if name == "key" else (_CERTIFICATE, _is_certificate(path))
    if not fits:
        what = "private key" if name == "key" else "certificate"
        hint = f"it holds {_held(name, content)}; {_HOW}"
        yield UserError(where, f"the file of TLS is no {what}: {name}", got=str(path), allowed=kind, hint=hint)


def _is_certificate(path: Path) -> bool:
    store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        store.load_verify_locations(path)
    except ssl.SSLError:
        return False
    return store.cert_store_stats()["x509"] > 0


def _held(name: str, content: bytes) -> str:
    """What a file holds that should have been something else, in a few words."""
    if not content.strip():
        return "nothing"
    kinds = [kind.decode() for kind in dict.fromkeys(_BLOCK.findall(content))]
    if "CERTIFICATE" in kinds and name != "key":
        return "a certificate that is damaged"
    return ", ".join(kinds) if kinds else 'no line "-----BEGIN ...-----", as files in PEM format do'


def _refuse_other_key(cert: Path, key: Path, where: str) -> None:
    def locked() -> str:
        raise _LockedError

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=locked)
    except _LockedError:
        hint = (
            f"nobody is there to type it: openssl pkey -in {key.name} -out open.key takes it off; keep that from others"
        )
        problem = "the file of TLS has a password: key"
        raise UserError(where, problem, got=str(key), allowed=_KEY, hint=hint) from None
    except ssl.SSLError as error:
        # of a key of another kind OpenSSL says that no certificate was assigned
        if error.reason in {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}:
            problem = "the files of TLS are no pair: key is of another certificate than cert"
            hint = f"of several certificates in cert the first one is that of the key; {_HOW}"
            raise UserError(where, problem, got=f"{cert}, {key}", hint=hint) from None
        if error.reason is None:  # the certificate was read before
            raise UserError(where, "the file of TLS is damaged: key", got=str(key), allowed=_KEY, hint=_HOW) from None
        problem = f"the files of TLS cannot be used: cert and key: {error.reason}"
        raise UserError(where, problem, got=f"{cert}, {key}", hint=_HOW) from None


def _refuse_other_authority(ca: Path, cert: Path, key: Path, where: str) -> None:
    """UserError unless the authority has signed the certificate, and both count today."""
    try:
        _own_seen(ca, cert, key)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in _TIMES:
            raise _out_of_time(ca, cert, key, where, error.verify_code) from None
        problem = f"the files of TLS do not fit: cert is not let in by ca: {error.verify_message}"
        signed = "ca has to have signed cert; " if error.verify_code in _OTHER else ""
        raise UserError(where, problem, got=f"{cert}, {ca}", hint=f"{signed}{_HOW}") from None
    except ssl.SSLError as error:
        problem = f"the files of TLS cannot be used: {error.reason or error}"
        raise UserError(where, problem, got=f"{ca}, {cert}, {key}", hint=_HOW) from None


def _out_of_time(ca: Path, cert: Path, key: Path, where: str, code: int) -> UserError:
    """The fault of a certificate that does not count yet, or no more."""
    told, name = _TIMES[code]
    own = str(_own_seen(ca, cert, key, _NO_CHECK_TIME)[name])
    now = time.time()
    is_own = (ssl.cert_time_to_seconds(own) > now) == (name == "notBefore")
    bad, path = ("cert", cert) if is_own else ("ca", ca)
    date = f" ({'since' if name == 'notAfter' else 'before'} {own})" if is_own else ""
    hint = f"make a new one, if the clock of this machine is right; {_HOW}"
    return UserError(where, f"the certificate {told}{date}: {bad}", got=str(path), hint=hint)


def _own_seen(ca: Path, cert: Path, key: Path, flags: int = 0) -> dict[str, object]:
    """What one end of a connection sees of the other one's certificate, when both have these files."""
    client, server = (_context(purpose, ca, cert, key, flags) for purpose in _ENDS)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asks = client.wrap_bio(back, there)
    answers = server.wrap_bio(there, back, server_side=True)
    for _ in range(_ROUNDS):
        for end in (asks, answers):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return dict(asks.getpeercert() or {})


def _context(purpose: ssl.Purpose, ca: Path, cert: Path, key: Path, flags: int) -> ssl.SSLContext:
    """As engines make it: a certificate of this authority and no other, whatever name it bears."""
    made = ssl.create_default_context(purpose, cafile=str(ca))
    made.load_cert_chain(cert, key)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags = ssl.VerifyFlags((made.verify_flags & ~ssl.VERIFY_X509_STRICT) | flags)
    return made

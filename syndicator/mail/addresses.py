"""Read and check e-mail addresses."""

from __future__ import annotations

import re
import unicodedata

_MAILBOX = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>.*?))\s*<(?P<address>[^<>]*)>\s*', re.DOTALL)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010FFFF-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def parse(text: str) -> tuple[str, str]:
    """Split `Name <address>`, `"Name" <address>` or a bare address into name and normalised address.

    Raise `ValueError` like `normalise`.
    """
    found = _MAILBOX.fullmatch(text)
    if found is None:
        return "", normalise(text)
    quoted = found["quoted"]
    name = found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return name, normalise(found["address"])


def normalise(address: str) -> str:
    """Return an address as mail is sent to it: the domain normalised, the rest, whose case counts, in NFC.

    Raise `ValueError`, saying what is wrong, for what is no address (RFC 5321 and RFC 6531, without quoted local parts
    and address literals, which nobody subscribes with).
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at:
        raise ValueError(f"{address!r} is no e-mail address: it has no @")
    if not _LOCAL.fullmatch(local) or not local.isprintable() or len(local.encode()) > 64:
        raise ValueError(f"{address!r} is no e-mail address: {local!r} cannot stand before the @")
    normal = f"{local}@{normalise_domain(domain)}"
    if len(normal.encode()) > 254:
        raise ValueError(f"{address!r} is no e-mail address: it is longer than 254 octets")
    return normal


def normalise_domain(domain: str) -> str:
    """Return a domain in lower case and as A-labels (RFC 5891); raise `ValueError` for what is none."""
    try:
        host = domain.lower() if domain.isascii() else _a_labels(domain)
    except UnicodeError as error:
        raise ValueError(f"{domain!r} is no domain: {error}") from error
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError(f"{domain!r} is no domain")
    if len(labels) == 1 and host != "localhost":
        raise ValueError(f"{domain!r} is no domain: it has no ending such as .com")
    return host


def _a_labels(domain: str) -> str:
    import idna  # late, for its tables are large and few domains need them

    return idna.encode(domain, uts46=True).decode("ascii")

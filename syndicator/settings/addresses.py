"""Read hosts, web addresses, mailboxes and database URLs as owners write them.

Checks raise `ValueError` with the whole message, which never repeats a URL: there may be a password in it.
"""

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, ValidationInfo

from syndicator.settings.values import one_line, or_empty, resolve
from syndicator.settings.wording import has_unprintable, shown

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|[0-9a-f:.]*:[0-9a-f:.]*")
_MAIL_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?![0-9]+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
# RFC 4151, section 2.1: a domain or an address, and a date on which it was the owner's.
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+@)?[A-Za-z0-9.-]+,[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
# A name in front of an address in angle brackets, as RFC 5322 has it, but without asking for quotes.
_SENDER = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010FFFF-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[^\s@<>,;:\"()]+")
_SPECIALS = re.compile(r'[()<>@,:;".\[\]\\]')
_DATABASE = re.compile(r"sqlite:///(?P<file>.+)|postgresql(\+psycopg)?://.+")


def a_label(host: str) -> str:
    """Return a host name in ASCII (RFC 5891 A-labels), in small letters; raise `ValueError` for one that has none."""
    if not host.isascii():
        import idna  # its tables are large, and most hosts are ASCII

        host = idna.encode(host, uts46=True).decode("ascii")
    if not _HOST.fullmatch(host.lower()):
        raise ValueError("is no host name")
    return host.lower()


def mail_domain(host: str) -> str:
    """Return a host as the domain of mail addresses, in A-labels: a name with an ending, or localhost.

    Raise `ValueError` for any other, such as an IP address.
    """
    domain = a_label(host)
    if domain != "localhost" and not _MAIL_DOMAIN.fullmatch(domain):
        raise ValueError("is no domain for mail")
    return domain


def host_of(url: str) -> str:
    """Return the host of a URL that `Url` has accepted."""
    return urlsplit(url).hostname or ""


def _url(text: str) -> str:
    """Return an absolute http or https URI in ASCII, without the slash at its end."""
    expected = 'expected one such as "https://example.com/blog"'
    if has_unprintable(text) or " " in text.strip():
        raise ValueError(f"is an address with a space or line break in it, {expected}")
    try:
        parts = urlsplit(text.strip())
        port = f":{parts.port}" if parts.port is not None else ""
        host = a_label(parts.hostname or "")
    except ValueError:
        raise ValueError(f"is no absolute address, {expected}") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"is no http or https address, {expected}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f'is an address with a user name, "?" or "#" in it, {expected}')
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}{quote(parts.path, safe=_PATH_SAFE)}".rstrip("/")


def _authority(text: str) -> str:
    if not _AUTHORITY.fullmatch(text):
        raise ValueError(
            f"{shown(text)} is no tagging authority, expected your domain and a year in which it was yours, "
            'such as "example.com,2026" (RFC 4151)'
        )
    return text


def mailbox(name: str, address: str) -> str:
    """Write a mailbox of RFC 5322, the name quoted where its characters ask for it."""
    if _SPECIALS.search(name):
        name = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'
    return f"{name} <{address}>" if name else address


def domain_of(sender: str) -> str:
    """Return the domain of a mailbox that `Mailbox` has accepted or `mailbox` has written."""
    return sender.rpartition("@")[2].rstrip(">")


def _mailbox(text: str) -> str:
    """Return `Name <address>` or an address; the name gets the quotes it needs, the domain is in ASCII."""
    match = _SENDER.fullmatch(one_line(text))
    name, address = (match["name"].strip(), match["address"].strip()) if match else ("", one_line(text))
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    try:
        local, _, domain = address.rpartition("@")
        if not (_ADDRESS.fullmatch(address) and address.isprintable() and len(local.encode()) <= 64):
            raise ValueError
        return mailbox(name, f"{local}@{mail_domain(domain)}")
    except ValueError:
        raise ValueError(f'{shown(text)} is no sender, expected "Name <news@example.com>"') from None


def _address_or_name(text: str) -> str:
    """Return a bare address, its domain in ASCII, or any text on one line that has no "@" in it."""
    local, at, domain = one_line(text).rpartition("@")
    if not at:
        return one_line(text)
    try:
        if not _ADDRESS.fullmatch(one_line(text)):
            raise ValueError
        return f"{local}@{mail_domain(domain)}"
    except ValueError:
        expected = 'expected one such as "ops@example.com", or the name of an endpoint'
        raise ValueError(f"{shown(text)} is no address, {expected}") from None


def _domain(text: str) -> str:
    try:
        return mail_domain(text)
    except ValueError:
        raise ValueError(f'{shown(text)} is no domain, expected one such as "example.com"') from None


def _database(text: str, info: ValidationInfo) -> str:
    """Return a database URL, with the path of SQLite's file made absolute."""
    match = _DATABASE.fullmatch(one_line(text))
    if not match:
        raise ValueError('is no database, expected "sqlite:///folder/file.db" or "postgresql://user@host/name"')
    if match["file"] == ":memory:":
        raise ValueError('would be lost at every stop, expected a file, as in "sqlite:///state/syndicator.db"')
    return f"sqlite:///{resolve(match['file'], info)}" if match["file"] else text.strip()


Url = Annotated[str, AfterValidator(_url)]
OptionalUrl = Annotated[str, or_empty(_url)]
OptionalAuthority = Annotated[str, or_empty(_authority)]
OptionalMailbox = Annotated[str, or_empty(_mailbox)]
OptionalAddressOrName = Annotated[str, or_empty(_address_or_name)]
OptionalDomain = Annotated[str, or_empty(_domain)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]

"""Read how a mail relay is reached; what belongs together is checked at the key that has to change.

Checks raise `ValueError` with the whole message. The fields stand in this order, so that each check sees those before
it: transport, host, security, user, password.
"""

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, SecretStr, ValidationInfo

from syndicator.settings.addresses import a_label
from syndicator.settings.values import one_line
from syndicator.settings.wording import shown

PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _host(text: str, info: ValidationInfo) -> str:
    expected = 'expected the name of your mail relay, such as "smtp.example.com"'
    if not text.strip():
        if info.data.get("transport") == "smtp":
            raise ValueError(f"is missing, {expected}")
        return ""
    try:
        return a_label(one_line(text))
    except ValueError:
        raise ValueError(f"{shown(text)} is no host name, {expected}") from None


def _user(text: str, info: ValidationInfo) -> str:
    host = info.data.get("host", "")
    if text and host and info.data.get("security") == "none" and not _is_loopback(host):
        raise ValueError('would be sent with the password for all to read, expected security = "starttls" or "tls"')
    return one_line(text)


def _password(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    user = info.data.get("user")
    if user and not secret.get_secret_value():
        raise ValueError("is missing, expected the user's; SYNDICATOR_MAIL__PASSWORD_FILE can name a file with it")
    if user == "" and secret.get_secret_value():
        raise ValueError("has no user, expected one beside it")
    return secret


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


RelayHost = Annotated[str, AfterValidator(_host)]
RelayUser = Annotated[str, AfterValidator(_user)]
RelayPassword = Annotated[SecretStr, AfterValidator(_password)]

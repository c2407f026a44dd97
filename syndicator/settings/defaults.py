"""Fill in the settings that follow from others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.settings.addresses import domain_of, host_of, mail_domain, mailbox
from syndicator.settings.relay import PORTS

if TYPE_CHECKING:
    from syndicator.settings.models import (
        AlertSettings,
        EndpointSettings,
        FeedsSettings,
        MailSettings,
        Settings,
        SiteSettings,
        WebSettings,
    )

# A tagging authority names a time at which the host was the site's (RFC 4151); any other year would change every id.
_AUTHORITY_YEAR = "2026"
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- compared, not bound


def complete(settings: Settings) -> Settings:
    """Return the settings with every empty value replaced by what it stands for."""
    site = settings.site
    web = _web(settings.web)
    return settings.model_copy(
        update={
            "site": site.model_copy(update={"author": site.author or site.title}),
            "feeds": _feeds(settings.feeds, site, web),
            "mail": _mail(settings.mail, site),
            "endpoints": tuple(_endpoint(endpoint, site) for endpoint in settings.endpoints),
            "web": web,
            "alerts": _alerts(settings.alerts, site),
        }
    )


def _web(web: WebSettings) -> WebSettings:
    host = _ANY_ADDRESS.get(web.host, web.host)
    host = f"[{host}]" if ":" in host else host
    return web.model_copy(update={"url": web.url or f"http://{host}:{web.port}"})


def _feeds(feeds: FeedsSettings, site: SiteSettings, web: WebSettings) -> FeedsSettings:
    authority = feeds.authority or f"{host_of(site.url)},{_AUTHORITY_YEAR}"
    return feeds.model_copy(update={"url": feeds.url or web.url, "authority": authority})


def _mail(mail: MailSettings, site: SiteSettings) -> MailSettings:
    sender = mail.sender or mailbox(site.title, f"syndicator@{_mail_host(site)}")
    list_domain = mail.list_domain or domain_of(sender)
    port = mail.port or PORTS[mail.security]
    return mail.model_copy(update={"sender": sender, "list_domain": list_domain, "port": port})


def _alerts(alerts: AlertSettings, site: SiteSettings) -> AlertSettings:
    return alerts.model_copy(
        update={"zone": alerts.zone or site.timezone, "language": alerts.language or site.language}
    )


def _mail_host(site: SiteSettings) -> str:
    """Return the site's host, or localhost when that is no domain for mail, such as an IP address."""
    try:
        return mail_domain(host_of(site.url))
    except ValueError:
        return "localhost"


def _endpoint(endpoint: EndpointSettings, site: SiteSettings) -> EndpointSettings:
    return endpoint.model_copy(
        update={"zone": endpoint.zone or site.timezone, "language": endpoint.language or site.language}
    )

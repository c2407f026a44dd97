"""The settings, section by section: what may be written, and the default of each.

An empty default stands for a value that follows from other settings; `defaults.complete` fills it in, so that whoever
reads `Settings` finds no hole. In `SourceSettings` alone it stays: there it means that nothing is overridden.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, model_validator

from syndicator.errors import SettingsError
from syndicator.settings.addresses import (
    DatabaseUrl,
    OptionalAddressOrName,
    OptionalAuthority,
    OptionalDomain,
    OptionalMailbox,
    OptionalUrl,
    Url,
)
from syndicator.settings.mistakes import describe
from syndicator.settings.places import Places
from syndicator.settings.redirects import Paths, Preset
from syndicator.settings.relay import RelayHost, RelayPassword, RelayUser
from syndicator.settings.values import (
    AtLeastOne,
    Duration,
    FilePath,
    Interval,
    Language,
    Line,
    OptionalFilePath,
    OptionalLanguage,
    OptionalPart,
    OptionalZone,
    Part,
    SourceName,
    Text,
    TimeOfDay,
    Window,
    Zone,
)
from syndicator.settings.wording import redacted

Options = TypeVar("Options", bound=BaseModel)

Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Port = Annotated[int, Field(strict=True, ge=0, le=65535)]
# No more than 16 mails are under way at once.
Connections = Annotated[int, Field(strict=True, ge=1, le=16)]


class Section(BaseModel):
    """Refuse what is unknown, and never change."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True, defer_build=True
    )


class SiteSettings(Section):
    """Say whose posts these are. An empty `author` becomes the title."""

    title: Text
    url: Url
    timezone: Zone = "UTC"
    language: Language = "en"
    author: Line = ""
    description: str = ""
    templates: OptionalFilePath = ""


class PartSettings(Section):
    """Keep the keys that belong to the part itself apart, in `options`, not validated: any of them may be a secret."""

    options: dict[str, Any] = {}

    @model_validator(mode="before")
    @classmethod
    def _set_options_apart(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        own = cls.model_fields.keys() - {"options"}
        options = {key: value for key, value in data.items() if key not in own}
        return {key: value for key, value in data.items() if key in own} | {"options": options}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        shown = redacted(self.options)
        return [(name, shown if name == "options" else value) for name, value in super().__repr_args__()]


class SourceSettings(PartSettings):
    """Say where posts are read. `kind` is detected when empty; `url` and `timezone` are empty unless they override."""

    name: SourceName = "posts"
    kind: OptionalPart = ""
    path: FilePath
    on_missing: Literal["keep", "remove"] = "keep"
    url: OptionalUrl = ""
    timezone: OptionalZone = ""


class AnnounceSettings(Section):
    """Say which posts are news. `window` is None for all of them, however old."""

    window: Window = timedelta(days=7)
    settle: Duration = timedelta(minutes=2)


class FeedsSettings(Section):
    """Say how feeds look and where they are served."""

    output: FilePath = "public"
    url: OptionalUrl = ""
    limit: Count = 20
    content: Literal["full", "summary"] = "full"
    formats: Annotated[tuple[Part, ...], AtLeastOne] = ("rss", "atom")
    id: Literal["tag", "url"] = "tag"
    authority: OptionalAuthority = ""


class CategorySettings(Section):
    """Give a category the title that people see."""

    name: Text
    title: Text


class StoreSettings(Section):
    """Say where the memory is: a URL as SQLAlchemy takes it, hidden from repr because it may hold a password."""

    url: Annotated[DatabaseUrl, Field(repr=False)] = "sqlite:///state/syndicator.db"


class ScheduleSettings(Section):
    """Say how often the service looks for work of each kind."""

    scan: Interval = timedelta(minutes=1)
    watch: bool = False
    digests: Interval = timedelta(minutes=1)
    deliver: Interval = timedelta(seconds=5)
    cleanup: Interval = timedelta(hours=1)
    full_scan: Interval = timedelta(days=1)
    catch_up: Literal["late", "merge", "skip"] = "late"


class MailSettings(Section):
    """Say how mail leaves. `sender` is `from` in the file; it always parses as one mailbox of RFC 5322.

    An empty `port` is 0, for the one that belongs to `security`.
    """

    transport: Literal["file", "smtp"] = "file"
    folder: FilePath = "state/mail"
    host: RelayHost = ""
    port: Port = 0
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: RelayUser = ""
    password: RelayPassword = SecretStr("")
    ca_file: OptionalFilePath = ""
    timeout: Interval = timedelta(minutes=1)
    connections: Connections = 2
    sender: OptionalMailbox = Field(default="", validation_alias="from")
    reply_to: OptionalMailbox = ""
    list_domain: OptionalDomain = ""
    digest_limit: Count = 50


class EndpointSettings(PartSettings):
    """Declare a chat or webhook that gets posts."""

    name: Text
    kind: Part
    categories: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()
    cadence: Literal["instant", "daily", "weekly"] = "instant"
    at: TimeOfDay = "08:00"
    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    zone: OptionalZone = ""
    language: OptionalLanguage = ""


class WebSettings(Section):
    """Say where the service listens, and under which address its pages are known."""

    host: Text = "127.0.0.1"
    port: Port = 8080
    url: OptionalUrl = ""
    secret_key_file: FilePath = "state/secret.key"  # noqa: S105 -- where it is, not what
    metrics: bool = True


class RedirectsSettings(Section):
    """Say which old addresses lead to which feeds: those of other generators, by name, and pairs of the owner's own."""

    presets: tuple[Preset, ...] = ()
    paths: Paths = {}


class AlertSettings(Section):
    """Say who hears of trouble, an address or the name of an endpoint, and of how much. Empty is nobody."""

    to: OptionalAddressOrName = ""
    after: Duration = timedelta(hours=1)
    quarantined: Annotated[int, Field(strict=True, ge=0)] = 20
    zone: OptionalZone = ""
    language: OptionalLanguage = ""


class LogSettings(Section):
    """Say what is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


def _optional() -> Any:
    """Let a section be left out: an empty table then gets the defaults, its paths resolved like those in the file."""
    return Field(default_factory=dict)


class Settings(Section):
    """Hold all settings, checked and complete, and know where each was written."""

    site: SiteSettings
    sources: Annotated[tuple[SourceSettings, ...], AtLeastOne]
    announce: AnnounceSettings = _optional()
    feeds: FeedsSettings = _optional()
    categories: tuple[CategorySettings, ...] = ()
    store: StoreSettings = _optional()
    schedule: ScheduleSettings = _optional()
    mail: MailSettings = _optional()
    endpoints: tuple[EndpointSettings, ...] = ()
    web: WebSettings = _optional()
    redirects: RedirectsSettings = _optional()
    alerts: AlertSettings = _optional()
    log: LogSettings = _optional()

    _places: Places = PrivateAttr(default_factory=Places)

    def locate(self, *key: str | int) -> str:
        """Return `file:line` (or `environment: VARIABLE`) of a key, such as `locate("endpoints", 0, "url")`.

        A key that is not written stands where its section does.
        """
        return self._places.locate(key)

    def placed(self, places: Places) -> Self:
        """Return the same settings, knowing where they were written."""
        copy = self.model_copy()
        copy._places = places
        return copy

    def options(self, section: Literal["sources", "endpoints"], index: int, model: type[Options]) -> Options:
        """Validate the options of one source or endpoint with the model of its part.

        Raise `SettingsError` with every mistake, as `file:line: endpoints.0.url: …`, and without any value.
        """
        part: PartSettings = getattr(self, section)[index]
        try:
            return model.model_validate(part.options)
        except ValidationError as error:
            mistakes = describe(
                error, model, (section, index), also=[name for name in type(part).model_fields if name != "options"]
            )
        raise SettingsError(self._places.report(mistakes))

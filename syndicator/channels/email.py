"""Send messages as e-mail."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from syndicator.mail import addresses
from syndicator.mail.message import make
from syndicator.mail.transport import Mail, Transport
from syndicator.models import Message, Outcome, Recipient
from syndicator.settings.wording import has_unprintable


def _one_line(text: str) -> str:
    if has_unprintable(text):
        raise ValueError(f"{text!r} holds a line break or a control character")
    return text


def _mailbox(text: str) -> str:
    addresses.parse(_one_line(text))
    return text


def _optional_mailbox(text: str) -> str:
    return _mailbox(text) if text else text


class MailOptions(BaseModel):
    """Describe the mails of one site.

    `sender` and `reply_to` are `Name <address>`. `list_name` and `list_domain` make the List-Id, `list_domain` also the
    right side of the Message-ID.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender: Annotated[str, AfterValidator(_mailbox)]
    reply_to: Annotated[str, AfterValidator(_optional_mailbox)] = ""
    list_name: Annotated[str, AfterValidator(_one_line)]
    list_domain: Annotated[str, AfterValidator(addresses.normalise_domain)]


class Channel:
    """Make a mail of each message and hand it to the transport."""

    Options: ClassVar[type[BaseModel]] = MailOptions

    def __init__(self, options: MailOptions, transport: Transport) -> None:
        self._options = options
        self._transport = transport
        self._sender = addresses.parse(options.sender)[1]

    async def send(self, message: Message, recipient: Recipient) -> Outcome:
        """Try once. An address that is none fails for good; whatever the owner can mend is tried again."""
        try:
            address = addresses.normalise(recipient.name)
        except ValueError as error:
            return Outcome("permanent", str(error))
        try:
            data = self._make(message, address)
        except ValueError as error:
            return Outcome("retry", f"the mail cannot be written: {error}")
        return await self._transport.deliver(Mail(message.id, self._sender, address, data))

    def _make(self, message: Message, address: str) -> bytes:
        options = self._options
        return make(
            message,
            recipient_address=address,
            sender=options.sender,
            reply_to=options.reply_to,
            list_name=options.list_name,
            list_domain=options.list_domain,
        )

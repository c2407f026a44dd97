from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from syndicator.channels.email import MailOptions
from syndicator.settings.addresses import OptionalMailbox

MAILBOX = TypeAdapter(OptionalMailbox)
LOCALS = st.text("ab.-_读!'\"\\[]\u3000\u200b+/=é1 ", min_size=1, max_size=70)
DOMAINS = st.sampled_from(["x.example", "例子.中国", "localhost", "a_b.example", "x-.example", "X.EXAMPLE", "10.0.0.1"])


@settings(deadline=None)
@given(st.text(max_size=20), LOCALS, DOMAINS)
def test_a_sender_that_the_settings_take_can_send(name: str, local: str, domain: str) -> None:
    for text in (f"{name} <{local}@{domain}>", f"{local}@{domain}"):
        try:
            sender = MAILBOX.validate_python(text)
        except ValidationError:
            continue
        assert MailOptions(sender=sender, list_name="News", list_domain="news.example").sender == sender

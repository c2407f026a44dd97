from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from syndicator.channels.feishu import MAX_BYTES, payload, sign
from tests.messages import entry, message

if TYPE_CHECKING:
    from syndicator.models import Entry, Message

# Whatever a broken file can hold: surrogates and controls too, and what means something in a card.
texts = st.one_of(
    st.text(st.characters(), max_size=200),
    st.text('<at id=all>&[]()*~`\\"\n新😀 ', max_size=400),
    st.builds(
        lambda text, times: text * times,
        st.sampled_from(["长", "😀", "\\", '"', "<at id=all>", "a\n"]),
        st.integers(0, 3000),
    ),
)
urls = st.one_of(texts, texts.map(lambda text: "https://news.example/" + text))
times = st.datetimes(timezones=st.timezones())


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    changes: dict[str, Any] = {
        "title": draw(texts),
        "summary": draw(texts),
        "url": draw(urls),
        "published": draw(times),
        "categories": tuple(draw(st.lists(texts, max_size=3))),
    }
    return entry(1, **changes)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    posts = tuple(draw(st.lists(entries(), max_size=5))) * draw(st.sampled_from([1, 1, 7, 60]))
    return message(
        entries=posts,
        subject=draw(texts),
        text=draw(texts),
        site_title=draw(texts),
        site_url=draw(urls),
        language=draw(st.sampled_from(["zh-CN", "en", ""])),
        zone=draw(st.sampled_from(["Asia/Shanghai", "America/New_York", "nowhere"])),
        more=draw(st.integers(0, 10**6)),
    )


@settings(deadline=None)
@given(messages())
def test_any_message_fits_is_json_and_mentions_nobody(message: Message) -> None:
    body = payload(message, {"timestamp": "1599360473", "sign": sign("test-secret", 1599360473)})
    assert len(body) <= MAX_BYTES
    assert b"<at" not in body
    contents = [element["text"]["content"] for element in json.loads(body)["card"]["elements"]]
    shown = sum(content.startswith("**") for content in contents)
    left_out = len(message.entries) - shown + message.more
    assert shown >= min(1, len(message.entries))
    assert not left_out or str(left_out) in contents[-1]

from __future__ import annotations

import pytest

from syndicator.content import graphemes

# Each list holds whole clusters of UAX #29.
TEXTS = [
    list("plain, 中文、かな한글"),
    ["e\u0301", "a\u0308\u0304", "x"],
    ["👩‍👩‍👧", "👍🏽", "🏴\U000e0067\U000e0062\U000e007f", "❤\ufe0f", "☺", "🙂‍↔\ufe0f"],
    ["1\ufe0f\u20e3", "2", "#\ufe0f\u20e3"],
    ["🇨🇳", "🇯🇵", "🇩🇪", "🇫", "x"],
    ["\u1112\u1161\u11ab", "\u1100\u1173", "\uac00\u11a8", "각", "\u1161"],
    ["क्षि", "न्दी", "र", "क\u094d\u200dष", "ক্ষ"],
    ["ก\u0e33", "นี้", "ใ", "ກ\u0eb3"],
    ["か\u3099", "ｶ\uff9e", "は"],
    ["\u0600\u0661", "س", "\u0644\u0651"],
    ["a\u200c", "b", "\u200b", "c"],
    ["\u200d", "👩", "x\u200d", "y"],
]


@pytest.mark.parametrize("clusters", TEXTS, ids="".join)
def test_text_is_cut_between_clusters_only(clusters: list[str]) -> None:
    text = "".join(clusters)
    ends = [len("".join(clusters[:count])) for count in range(len(clusters) + 1)]
    assert [graphemes.cut(text, count) for count in range(len(clusters) + 1)] == ends
    assert [at for at in range(1, len(text)) if graphemes.parts(text, at)] == ends[1:-1]
    assert graphemes.cut(text, 10**6) == len(text)

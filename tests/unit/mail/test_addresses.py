from __future__ import annotations

import pytest

from syndicator.mail import addresses


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a@example.com", ("", "a@example.com")),
        ("  a@Example.COM ", ("", "a@example.com")),
        ("<a@example.com>", ("", "a@example.com")),
        ("News <a@example.com>", ("News", "a@example.com")),
        ("金融消息<news@finews.example>", ("金融消息", "news@finews.example")),
        ('"Smith, \\"J\\" <x>" <a@example.com>', ('Smith, "J" <x>', "a@example.com")),
        ("Smith, John <a@example.com>", ("Smith, John", "a@example.com")),
    ],
)
def test_parse(text: str, parsed: tuple[str, str]) -> None:
    assert addresses.parse(text) == parsed


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("First.Last+tag@Example.com", "First.Last+tag@example.com"),
        ("news@例子.中国", "news@xn--fsqu00a.xn--fiqs8s"),
        ("news@STRASSE.example", "news@strasse.example"),
        ("news@straße.example", "news@xn--strae-oqa.example"),
        ("news@例子。中国", "news@xn--fsqu00a.xn--fiqs8s"),
        ("root@localhost", "root@localhost"),
        ("读者@例子.中国", "读者@xn--fsqu00a.xn--fiqs8s"),
        ("ju\u0308rgen@example.de", "j\u00fcrgen@example.de"),
        ("o'neil@example.co.uk", "o'neil@example.co.uk"),
    ],
)
def test_normalise(address: str, normal: str) -> None:
    assert addresses.normalise(address) == normal


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("", "it has no @"),
        ("example.com", "it has no @"),
        ("@example.com", "'' cannot stand before the @"),
        ("a b@example.com", "'a b' cannot stand before the @"),
        ("a..b@example.com", "cannot stand before the @"),
        ("a@b@example.com", "cannot stand before the @"),
        ("读 者@example.com", "cannot stand before the @"),
        ("读\u3000者@example.com", "cannot stand before the @"),
        ("读\u200b者@example.com", "cannot stand before the @"),
        ("读\u2028者@example.com", "cannot stand before the @"),
        ("读" * 22 + "@example.com", "cannot stand before the @"),
        ("x" * 65 + "@example.com", "cannot stand before the @"),
        ("a@", "is no domain"),
        ("a@gmail", "no ending such as .com"),
        ("a@-x.com", "is no domain"),
        ("a@x..com", "is no domain"),
        ("a@127.0.0.1", "is no domain"),
        ("a@[127.0.0.1]", "is no domain"),
        ("a@例 子.中国", "is no domain"),
        ("a@example.com\r\nBcc: b@example.com", "cannot stand before the @"),
        ("a@example.com\r\nBcc:", "is no domain"),
        ("a@" + ".".join(["x" * 60] * 5), "longer than 254"),
    ],
)
def test_what_is_no_address_is_refused_with_words(address: str, what: str) -> None:
    with pytest.raises(ValueError, match="is no ") as caught:
        addresses.normalise(address)
    assert what in str(caught.value)

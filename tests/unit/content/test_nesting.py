from __future__ import annotations

from time import process_time

import pytest

from syndicator.content.nesting import flattened
from syndicator.content.sanitise import clean

PAGE = "https://site.example/blog/2024/post.html"
LONG = "<i>x</i>" * 2_000


def test_a_small_or_shallow_body_is_left_alone() -> None:
    table = "<table>" + "<tr><td>a<td>b" * 2_000 + "</table>"
    links = "<a name=x><p>a" * 2_000
    for html in ("<div>" * 250 + "x", LONG, table, links, "<ul>" + "<li>a" * 2_000 + "</ul>"):
        assert flattened(html) == html


def test_what_is_nested_too_deep_keeps_its_text() -> None:
    shown = clean("<div>" * 3_000 + "in" + "</div>" * 3_000 + "<b>out</b>", PAGE)
    assert shown == "<div>" * 200 + "in" + "</div>" * 200 + "<b>out</b>"


@pytest.mark.parametrize(
    "hidden",
    [
        "<b x><!--</b>-->", "<b x><i title='</b>'></i>", '<b x><i title="</b>"></i>', "<b x><script></b></script>",
        "<b x><title></b></title>",
        "<b x><? </b>", "<b x></ </b>", "<b x><svg><![CDATA[></b>]]></svg>",
        "<b x><math><title></b></title></math>", "<b x></i>", "<b x><xmp></b></xmp>",
    ],
)  # fmt: skip
def test_no_end_tag_counts_that_is_none(hidden: str) -> None:
    assert clean(LONG + hidden * 2_000, PAGE).count("<b>") <= 201


def test_absurdly_many_attributes_go_with_their_tag() -> None:
    names = " ".join(f"a{number}" for number in range(20_000))
    assert clean(f"<p {names}>x</p>", PAGE) == "x<p></p>"


DEEP = {
    "div": "<div>", "formatting": "<b x{}><p>", "links": '<a href="{}"><p>', "lists": "<ul><li>", "headings": "<h1>",
    "tables": "<table><tr><td>", "end tags": "<span></b>", "reopened": "<i x{}><div></i>", "select": "<select>",
    "foreign": "<svg><tr>", "math": "<math><mi>", "comments": "<b x{}><!--</b>-->", "frames": "<iframe>",
    "templates": "<template><div>", "rubies": "<ruby><rt>", "hidden": "<i hidden><b style=display:none>",
    "twins": "<img src={}><noscript><img src=x{}></noscript>", "styles": '<p style=" style="', "quotes": "<p a=\"'",
    "commas": '<img srcset=",,,, ,{},,,">', "opened": "<", "comment": "<!--", "declared": "<!", "closed": "</b",
    "attributes": "<p a{} b{}=c d='{}'>", "lazy": "<img data-src={} data-srcset={}>", "forms": "<form><button>",
    "captions": "<p><img><em>x",
}  # fmt: skip


@pytest.mark.parametrize("pattern", DEEP.values(), ids=DEEP)
def test_no_pattern_takes_more_than_its_share_of_time(pattern: str) -> None:
    size = 300_000
    number = size // len(pattern)
    html = "".join([pattern.replace("{}", str(at)) for at in range(number)])
    start = process_time()
    shown = clean(html, PAGE)
    assert process_time() - start < 2
    assert len(shown) < 20 * size

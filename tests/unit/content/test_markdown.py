from __future__ import annotations

import pytest

from syndicator.content.markdown import to_html


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a *b*", "<p>a <em>b</em></p>\n"),
        ("text\n{: .lead}\n", "<p>text</p>\n"),
        ("![a](b.png){: .right width=3}", '<p><img src="b.png" alt="a" /></p>\n'),
        ("* TOC\n{:toc}\n\ntext", "<p>text</p>\n"),
        ("The HTML.\n\n*[HTML]: Hyper Text", "<p>The HTML.</p>\n"),
        ("```\n{: .x}\n*[A]: b\n```", "<pre><code>{: .x}\n*[A]: b\n</code></pre>\n"),
        ("`{: .x}`", "<p><code>{: .x}</code></p>\n"),
        ("term\n: meaning", "<dl>\n<dt>term</dt>\n<dd>meaning</dd>\n</dl>\n"),
        ("<p>html\n *stays*</p>", "<p>html\n *stays*</p>"),
    ],
)
def test_markdown_as_kramdown_reads_it(source: str, expected: str) -> None:
    assert to_html(source) == expected


def test_tables_and_footnotes_are_on() -> None:
    assert "<td>1</td>" in to_html("|a|\n|-|\n|1|\n")
    assert "footnote" in to_html("a[^1]\n\n[^1]: b\n")

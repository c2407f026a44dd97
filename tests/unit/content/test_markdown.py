from __future__ import annotations

import time

import pytest

from syndicator.content import markdown
from syndicator.content.markdown import JEKYLL, kramdown, to_html
from syndicator.content.markdown.plain import SAME
from tests.kramdown import SNIPPETS, without_indentation


@pytest.mark.parametrize(
    ("source", "expected"),
    [pytest.param(*pair, id=f"{subject}-{pair[0][:20]!r}") for subject, pairs in SNIPPETS.items() for pair in pairs],
)
def test_markdown_as_kramdown_reads_it(source: str, expected: str) -> None:
    assert without_indentation(kramdown.render(source + "\n")) == expected


def test_blocks_are_set_apart_as_kramdown_sets_them() -> None:
    assert to_html("# A *b*\n\ntext\n\n* a\n* b") == (
        '<h1 id="a-b">A <em>b</em></h1>\n\n<p>text</p>\n\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n'
    )


@pytest.mark.parametrize(
    "source",
    [
        "text\nmore text, it's plain. 中文——“引号”。\n\n# Heading\nunder it\n",
        "[返回](../emnews/)\n[首页](//a.example/b.html)｜![图](a.png)\n\n<http://a.example/1,2.html?a=1&b=2>",
        '<p>a</p>\n <p style="x">b <b>c</b><br/>&nbsp;</p><p class="d"><a href="e"><img src="f"></a></p>\n\n`-- "x"`',
        "a  \nb\n\n\n\nc \n",
        ' <p><table border="1"><tbody><tr><td>1</td><td><b>2</b></td></tr></tbody></table></p>\n',
        "2021年，a-b (c)! 3.14 #1\n",
    ],
)
def test_a_plain_body_is_rendered_alike_by_the_fast_renderer(source: str) -> None:
    whole = source.removesuffix("\n") + "\n"
    assert SAME.match(whole + "\n")
    assert _shown(to_html(source)) == _shown(kramdown.render(whole))


@pytest.mark.parametrize(
    ("section", "source", "expected"),
    [
        ({"hard_wrap": True}, "a\nb", "<p>a<br />\nb</p>\n"),
        ({"input": "kramdown"}, "a\n# b", "<p>a\n# b</p>\n"),
        ({"input": "kramdown"}, "```\na\n```", "<p><code>\na\n</code></p>\n"),
        ({"input": "kramdown"}, "#a", '<h1 id="a">a</h1>\n'),
        ({"gfm_quirks": "no_auto_typographic"}, "a -- b", "<p>a -- b</p>\n"),
        ({"smart_quotes": "apos,apos,quot,quot"}, 'it\'s "a"', '<p>it\'s "a"</p>\n'),
        ({"smart_quotes": ["laquo", "raquo", 171, 187]}, '"a"', "<p>«a»</p>\n"),
        ({"parse_block_html": True}, "<div>\n*a*\n</div>", "<div>\n<p><em>a</em></p>\n</div>\n"),
        ({"parse_span_html": False}, "<b>*a*</b>", "<p><b>*a*</b></p>\n"),
        ({"math_engine": None}, "$$a$$ b", "<p><span>$a$</span> b</p>\n"),
        ({"header_offset": 1, "auto_ids": False}, "# a", '<h2 id="a">a</h2>\n'),
        ({"footnote_backlink": ""}, "a[^1]\n\n[^1]: b", None),
        ({"unknown": [{}], "toc_levels": None, "smart_quotes": 3, "header_offset": "x"}, "'a'", "<p>‘a’</p>\n"),
    ],
)
def test_options_of_the_site_are_heeded(section: dict[str, object], source: str, expected: str | None) -> None:
    html = to_html(source, markdown.read_options(section))
    assert html == expected if expected is not None else "↩" not in html


def test_code_has_line_numbers_where_the_site_shows_them() -> None:
    options = markdown.read_options({"syntax_highlighter_opts": {"block": {"line_numbers": True, "start_line": 9}}})
    assert "<pre>9\n10\n</pre></td><td><pre><code>a\nb\n</code></pre>" in to_html("```\na\nb\n```", options)


def test_contents_list_only_the_levels_asked_for() -> None:
    html = to_html("* x\n{:toc}\n\n# A\n\n## B\n\n### C\n", markdown.read_options({"toc_levels": "2..2"}))
    assert html.startswith('<ul id="markdown-toc">\n<li><a href="#b" id="markdown-toc-b">B</a></li>\n</ul>\n')


@pytest.mark.parametrize("section", [None, {}, [], "GFM"])
def test_a_site_without_options_has_those_of_jekyll(section: object) -> None:
    assert markdown.read_options(section) is JEKYLL


@pytest.mark.parametrize(
    "piece",
    [
        "![", "[", "*a ", "**a", "_a ", "`a ", "``a` ", "<b>", "<div>\n", "<!--", "{:", "{::comment}\n", "$$",
        "```a b\n", "> ", "- ", "* a\n", "|a|b\n\n", '"', "~~a ", "\\", "[^1]: x\n", '[a]: b "', "*[A]: b\n",
        "[a](b ", "|-", "#", "\t",
    ],
)  # fmt: skip
def test_no_input_takes_more_than_its_share_of_time(piece: str) -> None:
    start = time.process_time()
    kramdown.render(piece * (20_000 // len(piece)) + "\n")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "piece",
    [
        "> ",
        "* ",
        "<b>",
        "**a *",
        "![",
        "1. - ",
        '<div markdown="1">\n',
        '<div markdown="0">',
        '* <div markdown="1">\n  > ',
    ],
)
def test_what_nests_without_end_does_not_overflow_the_stack(piece: str) -> None:
    assert "a" in to_html(piece * 2000 + "a")


def _shown(html: str) -> str:
    """Return HTML without what no reader sees of it."""
    html = html.replace(' id="heading"', "").replace("<br>", "<br />").replace("<br/>", "<br />")
    return "\n".join([line.strip() for line in html.replace('"f">', '"f" />').split("\n") if line.strip()])

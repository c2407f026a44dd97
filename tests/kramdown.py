"""Hold short pieces of Markdown and the HTML that kramdown 2.4.0 makes of them, but for its indentation and blank lines.

`tests/e2e/test_kramdown.py` asks kramdown itself again, where there is one.
"""

# ruff: noqa: E501 -- a piece is one line, however long

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"\s*(</?(?:ul|ol|li|div|p|blockquote|dl|dt|dd|table|thead|tbody|tfoot|tr|td|th|h[1-6]|section)\b[^<>]*>)\s*"
)


def without_indentation(html: str) -> str:
    """Return HTML without the white space that means nothing: around the tags of blocks, at the edges of lines."""
    lines = _BLOCK.sub(r"\n\1\n", html).split("\n")
    return "\n".join([line.strip(" \t") for line in lines if line.strip(" \t")])


SNIPPETS = {
    "paragraphs": [
        ("a\nb\n\nc", "<p>\na\nb\n</p>\n<p>\nc\n</p>"),
        ("a  \nb", "<p>\na<br />\nb\n</p>"),
        ("a\\\\\nb", "<p>\na<br />\nb\n</p>"),
        ("a\\\nb", "<p>\na<br />\nb\n</p>"),
        ("text\n# Heading\nmore", '<p>\ntext\n</p>\n<h1 id="heading">\nHeading\n</h1>\n<p>\nmore\n</p>'),
        ("text\n* item", "<p>\ntext\n</p>\n<ul>\n<li>\nitem\n</li>\n</ul>"),
        ("text\n> quote", "<p>\ntext\n</p>\n<blockquote>\n<p>\nquote\n</p>\n</blockquote>"),
        ("text\n```\ncode\n```", "<p>\ntext\n</p>\n<pre><code>code\n</code></pre>"),
        ("text\n    not code", "<p>\ntext\nnot code\n</p>"),
        ("text\n---", '<h2 id="text">\ntext\n</h2>'),
        ("a\n^\nb", "<p>\na\n</p>\n<p>\nb\n</p>"),
    ],
    "headings": [
        ("# One #", '<h1 id="one">\nOne\n</h1>'),
        ("## Two {#two}", '<h2 id="two">\nTwo\n</h2>'),
        ("#no space", "<p>\n#no space\n</p>"),
        ("Title\n=====", '<h1 id="title">\nTitle\n</h1>'),
        ("Sub\n---\ntext", '<h2 id="sub">\nSub\n</h2>\n<p>\ntext\n</p>'),
        ("two\nlines\n---", "<p>\ntwo\nlines\n—\n</p>"),
        ("####### seven", "<p>\n####### seven\n</p>"),
        ("# A\n# A", '<h1 id="a">\nA\n</h1>\n<h1 id="a-1">\nA\n</h1>'),
        ("# *a* `b` [c](d)", '<h1 id="a-b-c">\n<em>a</em> <code>b</code> <a href="d">c</a>\n</h1>'),
    ],
    "emphasis": [
        ("*a* **b** ***c***", "<p>\n<em>a</em> <strong>b</strong> <strong><em>c</em></strong>\n</p>"),
        ("_a_ __b__ a_b_c _a_b", "<p>\n<em>a</em> <strong>b</strong> a_b_c _a_b\n</p>"),
        ("**注意：**中文", "<p>\n<strong>注意：</strong>中文\n</p>"),
        ("中文**重点**中文", "<p>\n中文<strong>重点</strong>中文\n</p>"),
        ("中文_不_强调", "<p>\n中文_不_强调\n</p>"),
        ("* a* and *b *", "<ul>\n<li>\na* and *b *\n</li>\n</ul>"),
        ("*a **b** c*", "<p>\n<em>a <strong>b</strong> c</em>\n</p>"),
        ("**a *b* c**", "<p>\n<strong>a <em>b</em> c</strong>\n</p>"),
        ("2 * 3 * 4", "<p>\n2 * 3 * 4\n</p>"),
        ("**open and *closed*", "<p>\n<em>*open and *closed</em>\n</p>"),
        ("un*frigging*believable", "<p>\nun<em>frigging</em>believable\n</p>"),
        ("\\*a\\*", "<p>\n*a*\n</p>"),
    ],
    "code": [
        ("`a` ``b ` c`` ` d `", "<p>\n<code>a</code> <code>b ` c</code> ` d `\n</p>"),
        ("`open", "<p>\n`open\n</p>"),
        ("`<b>&amp;`", "<p>\n<code>&lt;b&gt;&amp;amp;</code>\n</p>"),
        ("```ruby\nputs 1\n```", '<pre><code class="language-ruby">puts 1\n</code></pre>'),
        ("~~~\na\n~~~~", "<pre><code>a\n</code></pre>"),
        ("``` js?x=1\na\n```", '<pre><code class="language-js">a\n</code></pre>'),
        ("```two words\na\n```\n", "<p>\n<code>two words\na\n</code>\n</p>"),
        ("    a\n\n    b\nlazy", "<pre><code>a\nb lazy\n</code></pre>"),
        ("\ta", "<pre><code>a\n</code></pre>"),
        ("```\nopen\n\ntext", "<p>\n```\nopen\n</p>\n<p>\ntext\n</p>"),
    ],
    "lists": [
        ("* a\n* b", "<ul>\n<li>\na\n</li>\n<li>\nb\n</li>\n</ul>"),
        ("* a\n\n* b", "<ul>\n<li>\n<p>\na\n</p>\n</li>\n<li>\n<p>\nb\n</p>\n</li>\n</ul>"),
        ("* a\n* b\n\ntext", "<ul>\n<li>\na\n</li>\n<li>\nb\n</li>\n</ul>\n<p>\ntext\n</p>"),
        ("1. a\n2. b\n\n   c", "<ol>\n<li>\na\n</li>\n<li>\n<p>\nb\n</p>\n<p>\nc\n</p>\n</li>\n</ol>"),
        (
            "* a\n  * b\n    * c",
            "<ul>\n<li>\na\n<ul>\n<li>\nb\n<ul>\n<li>\nc\n</li>\n</ul>\n</li>\n</ul>\n</li>\n</ul>",
        ),
        ("* a\n    * b", "<ul>\n<li>\na\n<ul>\n<li>\nb\n</li>\n</ul>\n</li>\n</ul>"),
        ("- a\n* b\n+ c", "<ul>\n<li>\na\n</li>\n<li>\nb\n</li>\n<li>\nc\n</li>\n</ul>"),
        ("3. c\n4. d", "<ol>\n<li>\nc\n</li>\n<li>\nd\n</li>\n</ol>"),
        ("* a\nlazy\n\n  own", "<ul>\n<li>\n<p>\na\nlazy\n</p>\n<p>\nown\n</p>\n</li>\n</ul>"),
        ("* a\n\n      code", "<ul>\n<li>\n<p>\na\n</p>\n<pre><code>code\n</code></pre>\n</li>\n</ul>"),
        ("* a\n\n  ```\n  b\n  ```", "<ul>\n<li>\n<p>\na\n</p>\n<pre><code>b\n</code></pre>\n</li>\n</ul>"),
        ("1. a\n* b", "<ol>\n<li>\na\n<ul>\n<li>\nb\n</li>\n</ul>\n</li>\n</ol>"),
        ("* a\n# heading", '<ul>\n<li>\na\n<h1 id="heading">\nheading\n</h1>\n</li>\n</ul>'),
        ("* {:.x} a\n* b", '<ul>\n<li class="x">\na\n</li>\n<li>\nb\n</li>\n</ul>'),
        (
            "- [ ] a\n- [x] b",
            '<ul class="task-list">\n<li class="task-list-item">\n<input type="checkbox" class="task-list-item-checkbox" disabled="disabled" />a\n</li>\n<li class="task-list-item">\n<input type="checkbox" class="task-list-item-checkbox" disabled="disabled" checked="checked" />b\n</li>\n</ul>',
        ),
        ("*\ta\n\tb", "<ul>\n<li>\na\nb\n</li>\n</ul>"),
        (
            "* a\n\n\n* b\n\n\ntext",
            "<ul>\n<li>\n<p>\na\n</p>\n</li>\n<li>\n<p>\nb\n</p>\n</li>\n</ul>\n<p>\ntext\n</p>",
        ),
        ("* a\n^\n* b", "<ul>\n<li>\na\n</li>\n</ul>\n<ul>\n<li>\nb\n</li>\n</ul>"),
        ("10. ten", "<ol>\n<li>\nten\n</li>\n</ol>"),
        ("1) no list", "<p>\n1) no list\n</p>"),
        ("a\n1. list", "<p>\na\n</p>\n<ol>\n<li>\nlist\n</li>\n</ol>"),
        ("* a\n  b\n\n  c\n* d", "<ul>\n<li>\n<p>\na\nb\n</p>\n<p>\nc\n</p>\n</li>\n<li>\n<p>\nd\n</p>\n</li>\n</ul>"),
    ],
    "rules": [
        ("---", "<hr />"),
        ("* * *", "<hr />"),
        ("_ _ _", "<hr />"),
        ("a\n\n***\n\nb", "<p>\na\n</p>\n<hr />\n<p>\nb\n</p>"),
    ],
    "quotes": [
        (
            "> a\nlazy\n\n> b",
            "<blockquote>\n<p>\na\nlazy\n</p>\n</blockquote>\n<blockquote>\n<p>\nb\n</p>\n</blockquote>",
        ),
        ("> a\n>> b", "<blockquote>\n<p>\na\n</p>\n<blockquote>\n<p>\nb\n</p>\n</blockquote>\n</blockquote>"),
        (
            "> # h\n> * a\n> * b",
            '<blockquote>\n<h1 id="h">\nh\n</h1>\n<ul>\n<li>\na\n</li>\n<li>\nb\n</li>\n</ul>\n</blockquote>',
        ),
    ],
    "tables": [
        (
            "|a|b|\n|-|-|\n|1|2|",
            "<table>\n<thead>\n<tr>\n<th>\na\n</th>\n<th>\nb\n</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>\n1\n</td>\n<td>\n2\n</td>\n</tr>\n</tbody>\n</table>",
        ),
        (
            "a | b\n--|:-:\n1 | 2",
            '<table>\n<thead>\n<tr>\n<th>\na\n</th>\n<th style="text-align: center">\nb\n</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>\n1\n</td>\n<td style="text-align: center">\n2\n</td>\n</tr>\n</tbody>\n</table>',
        ),
        ("|a|b|", "<table>\n<tbody>\n<tr>\n<td>\na\n</td>\n<td>\nb\n</td>\n</tr>\n</tbody>\n</table>"),
        (
            "a|b\n`x|y`|c",
            "<table>\n<tbody>\n<tr>\n<td>\na\n</td>\n<td>\nb\n</td>\n</tr>\n<tr>\n<td>\n<code>x|y</code>\n</td>\n<td>\nc\n</td>\n</tr>\n</tbody>\n</table>",
        ),
        (
            "|a|\n|=\n|f|",
            "<table>\n<tbody>\n<tr>\n<td>\na\n</td>\n</tr>\n</tbody>\n<tfoot>\n<tr>\n<td>\nf\n</td>\n</tr>\n</tfoot>\n</table>",
        ),
        ("|a\\|b|c|", "<table>\n<tbody>\n<tr>\n<td>\na|b\n</td>\n<td>\nc\n</td>\n</tr>\n</tbody>\n</table>"),
        (
            "| a |\n|---|\n| 1 | 2 |",
            "<table>\n<thead>\n<tr>\n<th>\na\n</th>\n<th>\n</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>\n1\n</td>\n<td>\n2\n</td>\n</tr>\n</tbody>\n</table>",
        ),
        ("text\n|a|b|", "<p>\ntext\n|a|b|\n</p>"),
        ("no\\|table", "<p>\nno|table\n</p>"),
        (
            "a|b\n\nc|",
            "<table>\n<tbody>\n<tr>\n<td>\na\n</td>\n<td>\nb\n</td>\n</tr>\n</tbody>\n</table>\n<table>\n<tbody>\n<tr>\n<td>\nc\n</td>\n</tr>\n</tbody>\n</table>",
        ),
    ],
    "definitions": [
        ("term\n: meaning", "<dl>\n<dt>\nterm\n</dt>\n<dd>\nmeaning\n</dd>\n</dl>"),
        ("a\nb\n: c\n: d", "<dl>\n<dt>\na\n</dt>\n<dt>\nb\n</dt>\n<dd>\nc\n</dd>\n<dd>\nd\n</dd>\n</dl>"),
        ("a\n\n: b", "<dl>\n<dt>\na\n</dt>\n<dd>\n<p>\nb\n</p>\n</dd>\n</dl>"),
        ("a\n: b\n\n  c", "<dl>\n<dt>\na\n</dt>\n<dd>\nb\n<p>\nc\n</p>\n</dd>\n</dl>"),
        ("a\n: b\n\nc\n: d", "<dl>\n<dt>\na\n</dt>\n<dd>\nb\n</dd>\n<dt>\nc\n</dt>\n<dd>\nd\n</dd>\n</dl>"),
    ],
    "footnotes": [
        (
            "a[^1] b[^1]\n\n[^1]: note",
            '<p>\na<sup id="fnref:1" role="doc-noteref"><a href="#fn:1" class="footnote" rel="footnote">1</a></sup> b<sup id="fnref:1:1" role="doc-noteref"><a href="#fn:1" class="footnote" rel="footnote">1</a></sup>\n</p>\n<div class="footnotes" role="doc-endnotes">\n<ol>\n<li id="fn:1" role="doc-endnote">\n<p>\nnote\xa0<a href="#fnref:1" class="reversefootnote" role="doc-backlink">&#8617;</a>\xa0<a href="#fnref:1:1" class="reversefootnote" role="doc-backlink">&#8617;<sup>2</sup></a>\n</p>\n</li>\n</ol>\n</div>',
        ),
        (
            "a[^x]\n\n[^x]: one\n\n    two",
            '<p>\na<sup id="fnref:x" role="doc-noteref"><a href="#fn:x" class="footnote" rel="footnote">1</a></sup>\n</p>\n<div class="footnotes" role="doc-endnotes">\n<ol>\n<li id="fn:x" role="doc-endnote">\n<p>\none\n</p>\n<p>\ntwo\xa0<a href="#fnref:x" class="reversefootnote" role="doc-backlink">&#8617;</a>\n</p>\n</li>\n</ol>\n</div>',
        ),
        ("a[^none]", "<p>\na[^none]\n</p>"),
        (
            "a[^1][^2]\n\n[^2]: B\n[^1]: A[^2]",
            '<p>\na<sup id="fnref:1" role="doc-noteref"><a href="#fn:1" class="footnote" rel="footnote">1</a></sup><sup id="fnref:2" role="doc-noteref"><a href="#fn:2" class="footnote" rel="footnote">2</a></sup>\n</p>\n<div class="footnotes" role="doc-endnotes">\n<ol>\n<li id="fn:1" role="doc-endnote">\n<p>\nA<sup id="fnref:2:1" role="doc-noteref"><a href="#fn:2" class="footnote" rel="footnote">2</a></sup>\xa0<a href="#fnref:1" class="reversefootnote" role="doc-backlink">&#8617;</a>\n</p>\n</li>\n<li id="fn:2" role="doc-endnote">\n<p>\nB\xa0<a href="#fnref:2" class="reversefootnote" role="doc-backlink">&#8617;</a>\xa0<a href="#fnref:2:1" class="reversefootnote" role="doc-backlink">&#8617;<sup>2</sup></a>\n</p>\n</li>\n</ol>\n</div>',
        ),
        (
            "a[^1]\n\n[^1]:\n    > quote",
            '<p>\na<sup id="fnref:1" role="doc-noteref"><a href="#fn:1" class="footnote" rel="footnote">1</a></sup>\n</p>\n<div class="footnotes" role="doc-endnotes">\n<ol>\n<li id="fn:1" role="doc-endnote">\n<blockquote>\n<p>\nquote\n</p>\n</blockquote>\n<p>\n<a href="#fnref:1" class="reversefootnote" role="doc-backlink">&#8617;</a>\n</p>\n</li>\n</ol>\n</div>',
        ),
    ],
    "links": [
        ('[a](b "t")', '<p>\n<a href="b" title="t">a</a>\n</p>'),
        ("[a](<b c>)", '<p>\n<a href="b c">a</a>\n</p>'),
        ("[a](b(c)d)", '<p>\n<a href="b(c)d">a</a>\n</p>'),
        (
            "[a][b] [b][] [b]\n\n[b]: /u 'T'",
            '<p>\n<a href="/u" title="T">a</a> <a href="/u" title="T">b</a> <a href="/u" title="T">b</a>\n</p>',
        ),
        ('[a] [b]\n\n[B]: <u>\n  "T"', '<p>\n<a href="u" title="T">a</a>\n</p>'),
        ('![a](b){:width="3"}', '<p>\n<img src="b" alt="a" width="3" />\n</p>'),
        ("[![a](b)](c)", '<p>\n<a href="c"><img src="b" alt="a" /></a>\n</p>'),
        ("[a [b] c](d)", '<p>\n<a href="d">a [b] c</a>\n</p>'),
        ("[open", "<p>\n[open\n</p>"),
        ("[a](open", "<p>\n[a](open\n</p>"),
        ("[a](b'c)", '<p>\n<a href="b\'c">a</a>\n</p>'),
        (
            "<http://a.b/?x=1&y> <m@a.b>",
            '<p>\n<a href="http://a.b/?x=1&amp;y">http://a.b/?x=1&amp;y</a> <a href="mailto:m@a.b">m@a.b</a>\n</p>',
        ),
        ("http://bare.url", "<p>\nhttp://bare.url\n</p>"),
        ("<irc://a>", "<p>\n&lt;irc://a&gt;\n</p>"),
        ("[a]\n[b](c)", '<p>\n[a]\n<a href="c">b</a>\n</p>'),
        ("![a][b]\n\n[b]: c", '<p>\n<img src="c" alt="a" />\n</p>'),
        ('[a]: b "c" d', "<p>\n[a]: b “c” d\n</p>"),
        ("[x]( /u )", '<p>\n<a href="/u">x</a>\n</p>'),
    ],
    "typography": [
        ("\"a\" 'b' it's '80s", "<p>\n“a” ‘b’ it’s ’80s\n</p>"),
        ("\"'a' b\"", "<p>\n“‘a’ b”\n</p>"),
        ('He said, "a."', "<p>\nHe said, “a.”\n</p>"),
        ("a--b a---b ...", "<p>\na–b a—b …\n</p>"),
        ("<<a>> << a >>", "<p>\n«a» «\xa0a\xa0»\n</p>"),
        ("\\<<a\\>>", "<p>\n&lt;&lt;a&gt;&gt;\n</p>"),
        ('"*a*" ("b")', "<p>\n“<em>a</em>” (“b”)\n</p>"),
        (
            "&copy; &nbsp;| &lt; &amp; &foo; &#8212; &#x41; A&B",
            "<table>\n<tbody>\n<tr>\n<td>\n©\n</td>\n<td>\n&lt; &amp; &amp;foo; — A A&amp;B\n</td>\n</tr>\n</tbody>\n</table>",
        ),
        ("`--` <b>--</b>", "<p>\n<code>--</code> <b>–</b>\n</p>"),
        ('\\"a\\" \\- \\a', '<p>\n"a" - \\a\n</p>'),
        ('中文"引号"中文', "<p>\n中文”引号”中文\n</p>"),
        ("a's`b`'s", "<p>\na’s<code>b</code>’s\n</p>"),
    ],
    "html": [
        ("<div>*a*</div>", "<div>\n*a*\n</div>"),
        ('<div markdown="1">\n*a*\n</div>', "<div>\n<p>\n<em>a</em>\n</p>\n</div>"),
        ("<p>a</p><p>b</p>\nc", "<p>\na\n</p>\n<p>\nb\n</p>\n<p>\nc\n</p>"),
        ("<div>\n<p>a\n\n</div>\n\n*b*", "<div>\n<p>\na\n&lt;/div&gt;\n*b*\n</p>\n</div>"),
        ("<b>*a*</b> <u>*b*</u>", "<p>\n<b><em>a</em></b> <u>*b*</u>\n</p>"),
        ("a <div>b</div>", "<p>\na &lt;div&gt;b&lt;/div&gt;\n</p>"),
        ("<!-- c -->\na <!-- d -->", "<!-- c -->\n<p>\na <!-- d -->\n</p>"),
        ("<br>a<br/>b", "<p>\n<br />a<br />b\n</p>"),
        ("<img src=\"a\" alt='b'>", '<p>\n<img src="a" alt="b" />\n</p>'),
        ("<a href=u>x</a>", '<p>\n<a href="u">x</a>\n</p>'),
        ("<script>\n*a*\n</script>", "<script>\n*a*\n</script>"),
        ("</div>", "<p>\n&lt;/div&gt;\n</p>"),
        ("<section>\na\n<b>c</section>\n*d*", "<section>\na\n<b>c&lt;/section&gt;\n*d*\n</b>\n</section>"),
        ("<center>*a*</center>", "<center>*a*</center>"),
        ("<details><summary>*a*</summary>\n\n*b*\n</details>", "<details><summary>*a*</summary>\n*b*\n</details>"),
        ('<DIV CLASS="x">a</DIV>', '<div class="x">\na\n</div>'),
        ('<span markdown="0">*a*</span>', "<p>\n<span>*a*</span>\n</p>"),
        ("<x-y>*a*</x-y>", "<x-y>*a*</x-y>"),
        ('<td markdown="span">*a*</td>', "<td>\n<em>a</em>\n</td>"),
        ("1 < 2 && 3 > 2", "<p>\n1 &lt; 2 &amp;&amp; 3 &gt; 2\n</p>"),
        ("<custom>\n*a*\n</custom>\n", "<custom>\n*a*\n</custom>"),
        ("<hr>\n*a*", "<hr />\n<p>\n<em>a</em>\n</p>"),
        ("text\n<div>a</div>\nmore", "<p>\ntext\n</p>\n<div>\na\n</div>\n<p>\nmore\n</p>"),
    ],
    "extensions": [
        ("a\n{: .b #c}", '<p class="b" id="c">\na\n</p>'),
        ("{: .b}\na", '<p class="b">\na\n</p>'),
        ("*a*{: .b}", '<p>\n<em class="b">a</em>\n</p>'),
        ("{:x: .b .c}\n\na\n{: x}", '<p class="b c">\na\n</p>'),
        ("{::comment}\na\n{:/comment}\n\nb", "<!-- a -->\n<p>\nb\n</p>"),
        ("a {::comment}b{:/} c", "<p>\na <!-- b --> c\n</p>"),
        ("{::nomarkdown}\n*a*\n{:/}", "*a*"),
        ("a {::nomarkdown}*b*{:/}", "<p>\na *b*\n</p>"),
        ("a {:.x}", "<p>\na {:.x}\n</p>"),
        ('{::nomarkdown type="latex"}\na\n{:/}\n\nb', "<p>\nb\n</p>"),
        ('1. a\n{:start="3"}', '<ol start="3">\n<li>\na\n</li>\n</ol>'),
        ("a {: b", "<p>\na {: b\n</p>"),
        (
            "* TOC\n{:toc}\n\n# A\n\n## B *b*\n\n# C",
            '<ul id="markdown-toc">\n<li>\n<a href="#a" id="markdown-toc-a">A</a>\n<ul>\n<li>\n<a href="#b-b" id="markdown-toc-b-b">B <em>b</em></a>\n</li>\n</ul>\n</li>\n<li>\n<a href="#c" id="markdown-toc-c">C</a>\n</li>\n</ul>\n<h1 id="a">\nA\n</h1>\n<h2 id="b-b">\nB <em>b</em>\n</h2>\n<h1 id="c">\nC\n</h1>',
        ),
        ("HTML, XHTML\n\n*[HTML]: Hyper Text", '<p>\n<abbr title="Hyper Text">HTML</abbr>, XHTML\n</p>'),
        (
            "# A\n{:.no_toc}\n\n* x\n{:toc}\n\n## B",
            '<h1 class="no_toc" id="a">\nA\n</h1>\n<ul id="markdown-toc">\n<li>\n<a href="#b" id="markdown-toc-b">B</a>\n</li>\n</ul>\n<h2 id="b">\nB\n</h2>',
        ),
    ],
    "math": [
        ("$$\na_b\n$$", "\\[a_b\\]"),
        ("a $$x < y$$ b", "<p>\na \\(x &lt; y\\) b\n</p>"),
        ("$a_b$", "<p>\n$a_b$\n</p>"),
        ("\\$$a$$", "<p>\n\\(a\\)\n</p>"),
    ],
    "deleted": [
        ("~~a~~ ~~ b ~~", "<p>\n<del>a</del> ~~ b ~~\n</p>"),
        ("~~*a*~~", "<p>\n<del><em>a</em></del>\n</p>"),
    ],
}

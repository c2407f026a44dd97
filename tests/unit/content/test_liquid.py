from __future__ import annotations

import pytest

from syndicator.content.liquid import Context, concerns, render

CONTEXT = Context(
    variables={
        "page": {"title": "T & t", "draft": False, "list": []},
        "site": {"url": "https://s.example", "n": {"m": "deep"}},
    },
    site_url="https://s.example",
    base_path="/b",
    find={"2024-01-01-x": "https://s.example/b/x/"}.get,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ page.title }}!", "T & t!"),
        ("{{page.title | escape}}", "T &amp; t"),
        ("{{- site.n.m -}} {{ page.draft }}", "deep false"),
        ("{{ '/a.png' | relative_url }}", "/b/a.png"),
        ('{{ "/a.png" | absolute_url }}', "https://s.example/b/a.png"),
        ("{{ '/a' | prepend: site.url }}", "https://s.example/a"),
        ("{% raw %}{{ kept }} {% too %}{% endraw %}", "{{ kept }} {% too %}"),
        ("a{% comment %}b {{ c }}{% endcomment %}d", "ad"),
        (
            "{% highlight ruby linenos %}\na < b\n\n1\n{% endhighlight %}",
            '\n<pre><code class="language-ruby">a &lt; b\n\n1</code></pre>\n',
        ),
        ("[x]({% post_url 2024-01-01-x %})", "[x](https://s.example/b/x/)"),
    ],
)
def test_what_matters_is_rendered(source: str, expected: str) -> None:
    assert render(source, CONTEXT) == (expected, [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n{{ page.nope }}b", "a\nb"),
        ("a\n{% include x.html a='%' %}b", "a\nb"),
        ("a\n{% if x %}b{% endif %}", "a\nb"),
        ("a\n{{ page.title | markdownify }}b", "a\nb"),
        ("a\nb {{ never closed", "a\nb "),
        ("a\n{% capture x %}b{% endcapture %}c", "a\nc"),
        ("a\n{% post_url 1999-01-01-gone %}b", "a\nb"),
    ],
)
def test_the_rest_is_dropped_with_its_line(source: str, expected: str) -> None:
    text, faults = render(source, CONTEXT)
    assert text == expected
    assert {line for line, _ in faults} == {2}


def test_plain_text_has_nothing_to_do() -> None:
    assert not concerns("a { b } % c")
    assert concerns("{%x%}")


@pytest.mark.parametrize("mark", ["{{", "{%", "{% raw %}", "{{ a", "{%x", "{% comment %}a"])
def test_hostile_marks_end_soon_and_leave_nothing_raw(mark: str) -> None:
    text, faults = render(mark * 2000, CONTEXT)
    assert "{{" not in text
    assert "{%" not in text
    assert faults

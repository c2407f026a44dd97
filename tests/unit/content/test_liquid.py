from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syndicator.content.liquid import Context, Included, Unavailable, render

INCLUDES = {
    "box.html": Included("_includes/box.html", "<b>{{ include.text | upcase }}</b>{{ include.nothing }}"),
    "sets.html": Included("_includes/sets.html", "{% assign set = 'there' %}"),
    "broken.html": Included("_includes/broken.html", "one\n{% plug %}"),
    "itself.html": Included("_includes/itself.html", "{% include itself.html %}{% include itself.html %}"),
}
RELEASES = [{"version": "1.0", "url": {"gz": "first.gz"}}, {"version": "2.0", "url": {"gz": "second.gz"}}]
CONTEXT = Context(
    variables={
        "page": {
            "title": "T & t", "draft": False, "n": "3", "nothing": None, "list": ["b", "a", "c"],
            "date": datetime(2024, 2, 3, 9, 8, 7, tzinfo=UTC),
        },
        "site": {
            "url": "https://s.example", "n": {"m": "deep"}, "data": {"releases": RELEASES},
            "time": Unavailable("the text would change with the clock"),
        },
    },
    site_url="https://s.example",
    base_path="/b",
    post={"2024-01-01-x": "/b/x/"}.get,
    file={"about.md": "/b/about.html"}.get,
    include=INCLUDES.get,
    time=lambda value: datetime(2008, 5, 6, tzinfo=UTC) if value == "2008-05-06" else None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ page.title }}!", "T & t!"),
        ("{{page.title | escape}}", "T &amp; t"),
        ("a {{- site.n.m -}} b {{ page.draft }}", "adeepb false"),
        ("{{ page['title'] }}{{ page.list[1] }}{{ page.list[-1] }}{{ page.list.size }}", "T & tac3"),
        ("{{ '/a.png' | relative_url }} {{ '/ä b' | relative_url }}", "/b/a.png /b/%C3%A4%20b"),
        ('{{ "/a.png" | absolute_url }}', "https://s.example/b/a.png"),
        ("{{ '/a' | prepend: site.url | append: \"}\" }}", "https://s.example/a}"),
        ("{% raw %}{{ kept }} {% too %}{% endraw %}", "{{ kept }} {% too %}"),
        ("a{% comment %}b {{ c }}{% comment %}{% endcomment %}{% if %}{% endcomment %}d{% # note %}e", "ade"),
        ("[x]({% post_url 2024-01-01-x %})", "[x](/b/x/)"),
        ("{{ site.url }}/b{% post_url 2024-01-01-x %}", "https://s.example/b/x/"),
        ("{% link about.md %}", "/b/about.html"),
    ],
)
def test_marks_and_addresses(source: str, expected: str) -> None:
    assert render(source, CONTEXT) == (expected, [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% assign r = site.data.releases | where: "version", "2.0" | first %}{{ r.url.gz }}', "second.gz"),
        ("{% capture x %}{{ page.n }}!{% endcapture %}{{ x }}{{ x | size }}", "3!2"),
        ("{% if page.n == 3 and page.list contains 'a' %}yes{% else %}no{% endif %}", "yes"),
        ("{% if nope %}a{% elsif page.title=='T & t' %}b{% else %}c{% endif %}", "b"),
        ("{% if 1 > 2 or page.nothing == nil and '' == empty %}yes{% endif %}", "yes"),
        ("{% unless page.draft %}shown{% endunless %}", "shown"),
        ("{% case page.n %}{% when 1, 2 %}few{% when 3 or 4 %}some{% else %}many{% endcase %}", "some"),
        ("{% for i in (1..5) reversed limit:2 %}{{ forloop.index }}{{ i }}{% endfor %}", "1221"),
        ("{% for i in page.list %}{{ i }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "b, a, c"),
        ("{% for i in none %}x{% else %}nothing{% endfor %}", "nothing"),
        ("{% for i in page.list %}{% if i == 'a' %}{% break %}{% endif %}{{ i }}{% endfor %}", "b"),
        ("{% for i in page.list %}{% if i == 'a' %}{% continue %}{% endif %}{{ i }}{% endfor %}", "bc"),
        ("{% for i in page.list limit:1 %}{% endfor %}{% for i in page.list offset:continue %}{{i}}{% endfor %}", "ac"),
        ("{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}", "aba"),
        ("{% increment v %}{% increment v %}{% decrement w %}", "01-1"),
        ("{% if true %}\n {% assign y = 1 %}\n{% endif %}|{{ y }}", "|1"),
        ("{% tablerow i in (1..2) %}{{ i }}{% endtablerow %}",
         '<tr class="row1">\n<td class="col1">1</td><td class="col2">2</td></tr>\n'),
    ],
)  # fmt: skip
def test_tags(source: str, expected: str) -> None:
    assert render(source, CONTEXT) == (expected, [])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7 | divided_by: 2", "3"),
        ("7 | divided_by: 2.0", "3.5"),
        ("'0.1' | plus: 0.2", "0.3"),
        ("2.5 | round", "3"),
        ("-7 | modulo: 3", "2"),
        ("'hello world foo' | truncate: 8", "hello..."),
        ("'hello world foo' | truncatewords: 2, ''", "hello world"),
        ("'a-b-c' | replace: '-', '+' | remove: 'a'", "+b+c"),
        ("'hello' | slice: -3, 2", "ll"),
        ("'a,b,,' | split: ',' | size", "2"),
        ("'The _config.yml file!' | slugify", "the-config-yml-file"),
        ("'<p>a</p><script>b</script>' | strip_html", "a"),
        ("page.nothing | default: 'd'", "d"),
        ("page.list | sort | reverse | join: ', '", "c, b, a"),
        ("page.list | array_to_sentence_string", "b, a, and c"),
        ("page.list | where_exp: 'one', \"one != 'a'\" | join", "b c"),
        ("site.data.releases | map: 'version' | last", "2.0"),
        ("site.data.releases | group_by: 'version' | size", "2"),
        ("site.data.releases | first | jsonify", '{"version":"1.0","url":{"gz":"first.gz"}}'),
        ("page.date | date: '%-d %B %Y, %H:%M'", "3 February 2024, 09:08"),
        ("page.date", "2024-02-03 09:08:07 +0000"),
        ("page.date | date_to_long_string: 'ordinal', 'US'", "February 3rd, 2024"),
        ("page.date | date_to_xmlschema", "2024-02-03T09:08:07+00:00"),
        ("'2008-05-06' | date_to_string", "06 May 2008"),
        ("'no date' | date: '%Y'", "no date"),
    ],
)
def test_filters(expression: str, expected: str) -> None:
    assert render("{{ " + expression + " }}", CONTEXT) == (expected, [])


def test_code_is_one_line_so_that_no_markdown_is_seen_in_it() -> None:
    source = "a {% highlight ruby linenos %}\na < b {{ page.n }}\n\n1\n{% endhighlight %}"
    code = '<pre><code class="language-ruby">a &lt; b 3&#10;&#10;1</code></pre>\n'
    assert render(source, CONTEXT) == (f"a \n{code}", [])
    assert render(source.replace("a {%", "- {%"), CONTEXT)[0].startswith("- \n<pre>")
    assert render("  " + source[2:], CONTEXT) == (f"  {code}", [])


def test_includes_have_parameters_and_share_variables() -> None:
    assert render("{% include box.html text='a' %}{% include box.html text=page.title %}", CONTEXT) == (
        "<b>A</b><b>T & T</b>", [],
    )  # fmt: skip
    assert render("{% assign f = 'box.html' %}{% include {{ f }} text=\"x\" %}", CONTEXT) == ("<b>X</b>", [])
    assert render("{% include sets.html %}{{ set }}", CONTEXT) == ("there", [])


@pytest.mark.parametrize(
    ("source", "expected", "told"),
    [
        ("a\n{{ page.title | emojify }}b", "a\nT & tb", "no filter is called emojify"),
        ("a\n{% youtube x %}b", "a\nb", "no tag is called youtube"),
        ("a\n{% note %}b{% endnote %}", "a\nb", "no tag is called note"),
        ("a\n{% include nope.html a='%' %}b", "a\nb", "there is no file 'nope.html' to include"),
        ("a\n{% include broken.html %}b", "a\none\nb", "no tag is called plug: .*[(]_includes/broken.html:2[)]"),
        ("a\n{% post_url 1999-01-01-gone %}b", "a\nb", "there is no post '1999-01-01-gone'"),
        ("a\n{% link gone.md %}b", "a\nb", "there is no file 'gone.md'"),
        ("a\n{% for x in site.time %}{{ x }}{% else %}b{% endfor %}", "a\nb", "the text would change with the clock"),
        ("a\n{% if site.time > 1 %}c{{ c }}{% endif %}b", "a\nb", "the text would change with the clock"),
        ("a\n{% assign x = site.time | sort | plus %}b", "a\nb", "the text would change with the clock"),
        ("a\n{{ site.time | date: '%Y' }}b", "a\nb", "the text would change with the clock"),
        ("a\n{{ 'now' | date: '%Y' }}b", "a\nb", "the text would change with the clock"),
        ("a\nb {{ never closed", "a\nb ", "never closed"),
        ("a\nb {{ half }\nc", "a\nb \nc", "never closed"),
        ("a\nb {% if page.title }\nc {% if x %}d{% endif %}", "a\nb \nc ", "never closed"),
        ("a\n{% if page.title %}b", "a\nb", "never closed"),
        ("a\n{% raw %}b{{ page.n }}", "a\nb3", "never closed"),
        ("a\n{% comment %}b", "a\n", "never closed"),
        ("a\n{% endif %}b", "a\nb", "no if is open"),
        ("a\n{% else %}b", "a\nb", "no block is open that has else"),
        ("a\n{% for x %}b{% endfor %}", "a\nb", "name in list is expected"),
        ("a\n{{ site.n }}b", "a\nb", "a table cannot be shown"),
        ("a\n{{ 1 | divided_by: 0 }}b", "a\nb", "not understood"),
        ("a\n{{ 'x' | append }}b", "a\nb", "not understood"),
    ],
)
def test_the_rest_is_left_out_and_told_with_its_line(source: str, expected: str, told: str) -> None:
    text, faults = render(source, CONTEXT)
    assert text == expected
    assert [line for line, _ in faults] == [2]
    assert faults[0][1].startswith("Liquid left out: ")
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(faults[0][1])


def test_what_is_alike_is_told_once() -> None:
    _, faults = render("{{ a.b }}\n{{ a.c }}\n{{ d | upcase }}{{ page.nothing }}{% tube 1 %}{% tube 2 %}", CONTEXT)
    assert [line for line, _ in faults] == [1, 3]
    assert faults[0][1].startswith("Liquid left out: {{ a.b }}, and 2 more like it: empty, there is no a.b here: ")
    assert faults[1][1].startswith("Liquid left out: {% tube 1 %}, and 1 more like it: no tag is called tube: ")


@pytest.mark.parametrize("mark", ["{{", "{%", "{% raw %}", "{{ a", "{%x", "{% comment %}a", "{% if a %}", "{{a}"])
def test_hostile_marks_end_soon_and_leave_nothing_raw(mark: str) -> None:
    text, faults = render(mark * 20_000, CONTEXT)
    assert "{{" not in text
    assert "{%" not in text
    assert 0 < len(faults) <= 21


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..9999999999) %}x{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}",
        "{% include itself.html %}",
        "{% assign a = 'xxxxxxxxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}",
        "{% assign a = 'xxxxxxxxxxxxxxxx' %}" + "{% assign a = a | replace: 'x', a %}" * 9 + "{{ a | size }}",
        "{% assign a = 'x' | split: '' %}" + "{% assign a = a | concat: a %}" * 40 + "{{ a | join }}",
        "{% assign a = 99 %}" + "{% assign a = a | times: a %}" * 40 + "{{ a }}",
    ],
)
def test_what_would_never_end_or_grow_without_end_is_stopped(source: str) -> None:
    text, faults = render(source, CONTEXT)
    assert len(text) <= 16 << 20
    assert faults


def test_more_marks_than_anyone_writes_are_cut_off_where_they_become_too_many() -> None:
    text, faults = render("before {{ 'x' }}" + "{{ 1 }}" * 60_000 + " after", CONTEXT)
    assert text == "before x" + "1" * 49_999
    assert faults == [(1, "Liquid stopped before the end of the text: more than 50,000 marks, split the post")]


def test_deep_nesting_is_refused() -> None:
    text, faults = render("{% if true %}" * 5000 + "x" + "{% endif %}" * 5000, CONTEXT)
    assert text == "x"
    assert faults
    assert render("{{ " + "a[" * 5000 + "]" * 5000 + " }}x", CONTEXT)[0] == "x"

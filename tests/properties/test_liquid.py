from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syndicator.content.liquid import Context, Included, render

NAMES = [
    "page.a",
    "page.list",
    "page['a']",
    "site.data.rows",
    "none",
    "(1..3)",
    "'x'",
    '"y z"',
    "7",
    "-1.5",
    "nil",
    "one",
]
PIECES = st.one_of(
    st.sampled_from(["text ", "\n", "}", "%", "-", "{{", "}}", "{%", "%}", "| ", "{{-", "-%}", "文字", "{% raw"]),
    st.builds("{{{{ {} }}}}".format, st.sampled_from(NAMES)),
    st.builds(
        "{{{{ {} | {}: {} }}}}".format,
        st.sampled_from(NAMES),
        st.sampled_from(["append", "split", "sort", "where", "date", "slice", "times", "join", "nope", "map"]),
        st.sampled_from([*NAMES, "1, 2", "'a', 'b'", ""]),
    ),
    st.builds(
        "{{% {} %}}".format,
        st.sampled_from([
            "if page.a", "if 1 > 'x'", "else", "elsif none", "endif", "unless a == b", "endunless",
            "case page.a", "when 1", "endcase", "for one in page.list", "for one in (1..3) limit: none",
            "endfor", "break", "continue", "capture a", "endcapture", "assign page = 1",
            "assign one = page.list | first", "include a.html b='c'", "include a.html", "cycle 1, 2",
            "comment", "endcomment", "highlight ruby", "endhighlight", "plug", "endplug", "post_url x", "link",
            "increment a", "tablerow i in page.list", "endtablerow", "ifchanged", "endifchanged", "#",
        ]),
    ),
)  # fmt: skip
INCLUDED = Included("_includes/a.html", "[{{ include.b }}{% include a.html %}]")
CONTEXT = Context(
    {"page": {"a": "b", "list": [1, "two", None, [3]]}, "site": {"data": {"rows": [{"a": 1}, {"a": None}]}}},
    include={"a.html": INCLUDED}.get,
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_mark_reaches_a_reader_and_nothing_raises(source: str) -> None:
    text, faults = render(source, CONTEXT)
    assert all(1 <= line <= source.count("\n") + 1 for line, _ in faults)
    # No text here holds a brace of its own, and no quotes hold marks: what is left of either would be a mark's.
    assert "{{" not in text
    assert "{%" not in text


@given(st.text())
def test_text_without_marks_stays_as_it_is(source: str) -> None:
    plain = source.replace("{", "(")
    assert render(plain, CONTEXT) == (plain, [])


@given(st.text(alphabet=st.characters(blacklist_characters="{")))
def test_raw_text_stays_as_it_is(inner: str) -> None:
    source = "{{ " + inner + " {% if %}"
    assert render("{% raw %}" + source + "{% endraw %}", CONTEXT) == (source, [])

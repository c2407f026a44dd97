from __future__ import annotations

from typing import Any

import pytest

from syndicator.content import front_matter
from syndicator.content.yaml11 import Timestamp

WRITTEN = "not valid YAML, taken as written: put the value in single quotes"
TWICE = f"{WRITTEN}, and write those within it twice"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('title: "标题含 "英文引号" 与冒号: 未转义"', '标题含 "英文引号" 与冒号: 未转义'),
        (r'title: "末尾反斜杠\"', "末尾反斜杠\\"),
        (r'title: "a\d and \"b\" "c""', 'a\\d and "b" "c"'),
        ("title: 'it's'", "it's"),
        ('title: "never closed', "never closed"),
        ("title: a: b", "a: b"),
        ("title: @home", "@home"),
        ("title: `code`", "`code`"),
        ("title: %foo", "%foo"),
        ("title: **bold** text", "**bold** text"),
        ("title: [link](url) rest", "[link](url) rest"),
        ("title: [Solved] How to: do", "[Solved] How to: do"),
        ("title: {{ page.x }}", "{{ page.x }}"),
        ("title: > quote", "> quote"),
        ("title: [a, b", ["a", "b"]),
        ("title: ['a', \"b]", ["a", "b"]),
    ],
)
def test_broken_values_are_taken_as_they_are_written(line: str, value: object) -> None:
    data, faults = front_matter.parse(f"layout: post\n{line}\ndate: 2024-01-02 03:04:05\ntags:\n- x\n- y\n")
    assert data == {"layout": "post", "title": value, "date": "2024-01-02 03:04:05", "tags": ["x", "y"]}
    assert isinstance(data["date"], Timestamp)
    assert [number for number, _ in faults] == [2]
    assert faults[0][1].startswith("title: not ")


@pytest.mark.parametrize(
    ("head", "data", "faults"),
    [
        ('title: it\'s "so": really\n', {"title": 'it\'s "so": really'}, [(1, f"title: {TWICE}")]),
        (
            "title:Hello\nurl: a: b\n",
            {"title": "Hello", "url": "a: b"},
            [
                (1, "title: no blank after the colon, read as if there were one: write `title: …`"),
                (2, f"url: {WRITTEN}"),
            ],
        ),
        (
            "title：标题\n",
            {"title": "标题"},
            [(1, "title: a full-width colon, read as an ordinary one: write `title: …`")],
        ),
        (
            "title: Hello\n  date: 2024-01-02\n  tags:\n    - a\nlayout: x\n",
            {"title": "Hello", "date": "2024-01-02", "tags": ["a"], "layout": "x"},
            [
                (2, "date: indented like a part of the line above, taken as a key: remove the blanks before it"),
                (3, "tags: indented like a part of the line above, taken as a key: remove the blanks before it"),
            ],
        ),
        (
            "title: a\nstray\ndate: b\n",
            {"title": "a", "date": "b"},
            [(2, "no `key: value` line: it is ignored, mend or delete it")],
        ),
        (
            "title: a\ntags:\n\t- x\n\t- y\n",
            {"title": "a", "tags": ["x", "y"]},
            [(2, "tags: tabs where YAML wants blanks, taken as blanks: replace them")],
        ),
        (
            "title: a\ntags:\n- @x\n- 2\n",
            {"title": "a", "tags": ["@x", 2]},
            [(3, "tags: an item that is not valid YAML, taken as written: put it in single quotes")],
        ),
        (
            "tags:\n  - a\n - b\n",
            {"tags": ["a", "b"]},
            [(1, "tags: not valid YAML, what is below it is taken line by line: mend its indentation")],
        ),
        (
            "image:\n  path: a: b\n  alt: c\ntitle: d\n",
            {"image": {"path": "a: b", "alt": "c"}, "title": "d"},
            [(2, f"path: {WRITTEN}")],
        ),
        ("  title: a: b\n  date: c\n", {"title": "a: b", "date": "c"}, [(1, f"title: {WRITTEN}")]),
        ('"title": a: b\n', {"title": "a: b"}, [(1, f"title: {WRITTEN}")]),
        ("title: a: b\n  and: so on\n", {"title": "a: b", "and": "so on"}, None),
        ("a:#1\ntitle: c\n", {"a": "#1", "title": "c"}, None),
        ("text: |x\ntitle: a\n", {"text": "|x", "title": "a"}, None),
        ("text: |\n  a\n\t- b\ntitle: c\n", {"text": "a\n- b", "title": "c"}, None),
    ],
)
def test_each_mistake_is_told_with_its_key_and_line(
    head: str, data: dict[str, Any], faults: list[tuple[int, str]] | None
) -> None:
    found = front_matter.parse(head)
    assert found[0] == data
    assert found[1] == faults if faults is not None else found[1]


def test_many_mistakes_at_once_lose_nothing() -> None:
    head = (
        'title: "a "b" c"\ndate: "2024-01-02 10:00\nauthor: @me\n# note\ntags: [a, b\ncategories:\n\t- x\n\t- y\n'
        "lang:en\n  draft: true\nsummary: it: is\n"
    )
    data, faults = front_matter.parse(head)
    assert data == {
        "title": 'a "b" c', "date": "2024-01-02 10:00", "author": "@me", "tags": ["a", "b"], "categories": ["x", "y"],
        "lang": "en", "draft": True, "summary": "it: is",
    }  # fmt: skip
    assert [line for line, _ in faults] == [1, 2, 3, 5, 6, 9, 10, 11]


def test_of_very_many_faults_the_first_are_told() -> None:
    data, faults = front_matter.parse("".join(f"k{number}: a: b\n" for number in range(30)))
    assert len(data) == 30
    assert len(faults) == 21
    assert faults[-1] == (21, "and 10 more like these from here on")

"""Whatever a file holds, it can be explained, and as it is read."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from syndicator.models import Post
from syndicator.sources.jekyll import Source

FIELDS = ("title", "published", "url", "categories", "tags", "authors", "language", "draft", "content_hash")
KEYS = st.sampled_from(
    ["title", "date", "categories", "category", "tags", "tag", "slug", "permalink", "lang", "author", "draft",
     "published", "excerpt", "excerpt_separator", "render_with_liquid"]
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["", "true", "false", "2024-01-02", "2024-01-02 03:04:05", "'2024-02-30 1:2'", "a b", "[a, [b]]",
                     "/:year/:month_:title", ":nope", "'a: b'", '"a "b""', "{a: b}", "~"]),
    st.text(alphabet="ab :\"'[]{}-/0123%\t", max_size=12),
)  # fmt: skip
HEADS = st.lists(st.builds("{}: {}\n".format, KEYS, VALUES), max_size=6).map("".join)
BODIES = st.sampled_from(["text\n", "{{ page.title }} {% nope %}\n", "a<!--more-->b", "{% raw", ""])
CONFIG = """\
permalink: pretty
defaults: [{scope: {path: ""}, values: {categories: [given], tag: t, permalink: "/:slug/", date: 2024-01-01 10:00}}]
"""


@settings(max_examples=200, deadline=None)
@given(
    st.builds("---\n{}---\n{}".format, HEADS, BODIES).map(str.encode) | st.binary(),
    st.sampled_from(["_posts/2024-01-02-x.md", "_posts/24-99-99-x.html", "_drafts/x.md", "_posts/x.md", "a/_posts/x"]),
    st.sampled_from(["", CONFIG]),
)
@example(b"---\ndate: 2024-01-02 03:04:05\n---\n", "_posts/2024-01-02-x.md", CONFIG)
def test_every_file_is_explained_as_it_is_read(content: bytes, name: str, config: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for path, data in (("_posts/2024-01-01-other.md", b"x"), ("_config.yml", config.encode()), (name, content)):
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_bytes(data)
        source = Source("posts", folder, url="https://site.example", timezone="Asia/Shanghai")
        found, said = source.read(name), {reason.field: reason for reason in source.explain(name)}
    if isinstance(found, Post):
        assert {field: said[field].value for field in FIELDS} == {field: getattr(found, field) for field in FIELDS}
        # What is there came from somewhere.
        assert all(said[field].because for field in FIELDS if said[field].value)
    else:
        assert said["post"].value == ("quarantined" if found else "none")

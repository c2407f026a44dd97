"""Compare with kramdown itself, the renderer of Jekyll, where Ruby has it."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess

import pytest

from syndicator.content.markdown import kramdown
from tests.kramdown import SNIPPETS, without_indentation

# The options are Jekyll 4's, but that code is not coloured.
_PROGRAM = """
require "json"
require "kramdown"
require "kramdown-parser-gfm"
options = {input: "GFM", hard_wrap: false, entity_output: "as_char", syntax_highlighter: nil}
puts JSON.generate(JSON.parse(STDIN.read).map { |source| Kramdown::Document.new(source, options).to_html })
"""


@pytest.fixture(scope="module")
def by_kramdown() -> dict[str, str]:
    """Return what kramdown makes of every snippet, of each within a list, and of all that are about one thing."""
    ruby = shutil.which("ruby")
    if ruby is None or subprocess.run([ruby, "-rkramdown-parser-gfm", "-e", ""], capture_output=True).returncode:
        pytest.skip("there is no kramdown here")
    sources = _sources()
    answer = subprocess.run(
        [ruby, "-e", _PROGRAM], input=json.dumps(sources), capture_output=True, check=True, text=True
    )
    return dict(zip(sources, json.loads(answer.stdout), strict=True))


def test_snippets_are_what_kramdown_makes_of_them(by_kramdown: dict[str, str]) -> None:
    for pairs in SNIPPETS.values():
        for source, expected in pairs:
            assert without_indentation(by_kramdown[source]) == expected, source


def test_snippets_within_others_and_beside_others_are_read_alike(by_kramdown: dict[str, str]) -> None:
    different = [
        source
        for source, html in by_kramdown.items()
        if without_indentation(html) != without_indentation(kramdown.render(source.removesuffix("\n") + "\n"))
    ]
    assert different == []


def _sources() -> list[str]:
    alone = [source for pairs in SNIPPETS.values() for source, _ in pairs]
    in_lists = ["* " + source.replace("\n", "\n  ") + "\n* next" for source in alone]
    in_quotes = ["> " + source.replace("\n", "\n> ") + "\n\nafter" for source in alone]
    together = ["\n\n".join(source for source, _ in pairs) for pairs in SNIPPETS.values()]
    in_a_row = [f"{first}\n{second}" for first, second in itertools.pairwise(alone)]
    return [*alone, *in_lists, *in_quotes, *together, *in_a_row]

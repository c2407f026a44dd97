"""Jekyll's own tags, and those of the plug-ins that need nothing but what is here."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from syndicator.content.liquid import expressions, grammar
from syndicator.content.liquid.blocks import Block
from syndicator.content.liquid.tags import Tag
from syndicator.content.liquid.values import RefusedError

if TYPE_CHECKING:
    from syndicator.content.liquid.context import Included
    from syndicator.content.liquid.running import Run

_FILE = re.compile(r"((?:\{\{.*?\}\}|[^\s{]+)+)\s*(.*)\Z", re.S)
_PARAMETER = re.compile(
    r"(?<![\w-])([\w-]++)\s*=\s*(?:\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)'|([\w.\[\]-]+))(?=\s|\Z)", re.S
)
_LANGUAGE = re.compile(r"[\w+#.-]+")
_GIST = re.compile(r"['\"]?((?:[\w-]+/)?[0-9a-f]{5,40})['\"]?(?:\s|\Z)", re.I)


class Include(Tag):
    """Run another file of the site, with parameters as `include.…`."""

    def read(self, markup: str) -> None:
        """Take in the file's name, which may hold output marks, and `name=value` pairs."""
        found = _FILE.match(markup)
        self._file, rest = (found[1], found[2]) if found else ("", "")
        self._parameters = [(one[1], _parameter(one)) for one in _PARAMETER.finditer(rest)]

    def render(self, run: Run) -> None:
        """Run the file."""
        name = run.captured(run.parse(self._file)).strip()
        file = self.found(run, name)
        if file is None:
            raise RefusedError(f"there is no file {name!r} to include" if name else "a file name is expected")
        given: dict[str, Any] = {key: one.value(run) for key, one in self._parameters}
        run.included(self, file, {"include": given} if given else {}, run.parse(file.text))

    def found(self, run: Run, name: str) -> Included | None:
        """Return the file."""
        return run.context.include(name)


class IncludeRelative(Include):
    """Run a file that lies beside the page."""

    def found(self, run: Run, name: str) -> Included | None:
        """Return the file."""
        return run.context.include_relative(name)


def _parameter(found: re.Match[str]) -> expressions.Expression:
    if found[4]:
        return grammar.Cursor(found[4]).expression()
    quote, value = ('"', found[2]) if found[2] is not None else ("'", found[3])
    return expressions.Literal(value.replace("\\" + quote, quote))


class PostUrl(Tag):
    """Write the address of a post, named by date and slug."""

    noun = "post"

    def read(self, markup: str) -> None:
        """Take in the name, which may hold output marks."""
        self._file = markup

    def render(self, run: Run) -> None:
        """Write the path, from the host on."""
        name = run.captured(run.parse(self._file)).strip()
        path = self.found(run, name)
        if path is None:
            raise RefusedError(f"there is no {self.noun} {name!r}")
        base = run.context.base_path
        # Jekyll 3 left the base path to be written in front, and many sites still do so.
        run.write(path.removeprefix(base) if base and run.ends(base) else path)

    def found(self, run: Run, name: str) -> str | None:
        """Return the path."""
        return run.context.post(name)


class Link(PostUrl):
    """Write the address of a file of the site."""

    noun = "file"

    def found(self, run: Run, name: str) -> str | None:
        """Return the path."""
        return run.context.file(name)


class Highlight(Block):
    """Write code."""

    def read(self, markup: str) -> None:
        """Take in the language; that lines shall have numbers is left to the reader's program."""
        language = _LANGUAGE.match(markup)
        self._attribute = f' class="language-{language[0].lower().replace("+", "-")}"' if language else ""

    def close(self) -> None:
        """Keep its white space."""

    def render(self, run: Run) -> None:
        """Write the code on one line, so that no Markdown is seen in it, in a list or behind a blank line."""
        code = html.escape(run.captured(self.nodes).strip("\r\n"), quote=False).replace("\n", "&#10;")
        before = "" if run.starts_line() else "\n"
        run.write(f"{before}<pre><code{self._attribute}>{code}</code></pre>\n")


class Gist(Tag):
    """Write a link to code that lies elsewhere; a page would load it with a script."""

    def read(self, markup: str) -> None:
        """Take in the name of the gist."""
        found = _GIST.match(markup)
        if not found:
            raise RefusedError("the name of a gist is expected")
        self._address = f"gist.github.com/{found[1]}"

    def render(self, run: Run) -> None:
        """Write the link."""
        run.write(f'<a href="https://{self._address}">{self._address}</a>')

"""Render the part of Liquid that matters to a feed; the rest is dropped, with a note, and never reaches a reader."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Fault = tuple[int, str]
"""A line (from 1, within the source) and what is wrong there."""

_MARK = re.compile(
    r"(?P<tag>\{%-?\s*(?P<name>\w+|#)(?P<rest>(?:[^%{]|%(?!\})|\{(?![{%]))*?)-?%\})"
    r"|(?P<out>\{\{-?(?P<value>(?:[^}{]|\}(?!\}))*?)-?\}\})"
)
_RUIN = re.compile(r"\{[{%][^\n]*")
_FILTER = re.compile(r"\s*(\w+)\s*(?::\s*(.*))?\Z", re.S)
_BLOCKS = ("raw", "comment", "highlight", "capture")
_LANGUAGE = re.compile(r"[\w+#.-]+")


class Context(NamedTuple):
    """Hold what bodies may refer to: variables (`page`, `site`) and how `post_url` and `link` find a post's URL."""

    variables: Mapping[str, Any]
    site_url: str
    base_path: str
    find: Callable[[str], str | None]


def concerns(source: str) -> bool:
    """Tell whether there is any Liquid in source text."""
    return "{" in source and ("{{" in source or "{%" in source)


def render(source: str, context: Context) -> tuple[str, list[Fault]]:
    """Render tags and output marks; what is not understood is left out and told as a fault.

    Understood: `{{ page.… }}` and `{{ site.… }}` with `relative_url`, `absolute_url`, `prepend`, `append`, `escape`;
    `raw`, `comment`, `highlight`, `post_url` and `link`.
    """
    faults: list[Fault] = []
    return "".join(_pieces(source, context, faults)), faults


def _pieces(source: str, context: Context, faults: list[Fault]) -> Iterator[str]:
    position = 0
    unclosed: set[str] = set()
    while found := _MARK.search(source, position):
        yield _literal(source[position : found.start()], source, position, faults)
        position = found.end()
        if found["name"] in _BLOCKS:
            text, position = _block(found, source, unclosed)
        elif found["tag"]:
            text = _tag(found["name"], found["rest"].strip(), context)
        else:
            text = _output(found["value"], context)
        if text is None:
            faults.append((_line(source, found.start()), f"Liquid left out: {_short(found[0])}"))
        yield text or ""
    yield _literal(source[position:], source, position, faults)


def _literal(text: str, source: str, position: int, faults: list[Fault]) -> str:
    """Return text between marks, without the ruins of marks that never close."""
    ruin = _RUIN.search(text)
    if ruin is None:
        return text
    faults.append((_line(source, position + ruin.start()), f"Liquid left out, it is never closed: {_short(ruin[0])}"))
    return _RUIN.sub("", text)


def _block(opening: re.Match[str], source: str, unclosed: set[str]) -> tuple[str | None, int]:
    """Return what a block tag makes of its body, and where the block ends.

    `unclosed` collects the blocks that nothing closes any more, so that each is looked for once.
    """
    name = opening["name"]
    closing = None if name in unclosed else re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}").search(source, opening.end())
    if closing is None:
        unclosed.add(name)
        return None, opening.end()
    body = source[opening.end() : closing.start()]
    if name == "raw":
        return body, closing.end()
    if name == "highlight":
        return _highlighted(body, opening["rest"]), closing.end()
    return ("" if name == "comment" else None), closing.end()


def _highlighted(code: str, arguments: str) -> str:
    language = _LANGUAGE.match(arguments.strip())
    attribute = f' class="language-{language[0]}"' if language else ""
    return f"\n<pre><code{attribute}>{html.escape(code.strip(chr(10)), quote=False)}</code></pre>\n"


def _tag(name: str, arguments: str, context: Context) -> str | None:
    if name == "#":
        return ""
    if name in ("post_url", "link"):
        return context.find(arguments)
    return None


def _output(expression: str, context: Context) -> str | None:
    first, *filters = expression.split("|")
    value = _value(first.strip(), context)
    for part in filters:
        named = _FILTER.match(part)
        value = _filtered(value, named[1], named[2] or "", context) if named else None
    return value


def _value(expression: str, context: Context) -> str | None:
    """Return a quoted text or a variable as text; None for a variable that is not known or not a scalar."""
    if len(expression) > 1 and expression[0] in "\"'" and expression[-1] == expression[0]:
        return expression[1:-1]
    value: object = context.variables
    for name in expression.split("."):
        value = value.get(name) if hasattr(value, "get") else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _filtered(value: str | None, name: str, argument: str, context: Context) -> str | None:
    if value is None:
        return None
    match name:
        case "relative_url":
            return _below(context.base_path, value)
        case "absolute_url":
            return value if "://" in value else context.site_url + _below(context.base_path, value)
        case "escape" | "xml_escape" | "h":
            return html.escape(value)
        case "prepend" | "append":
            other = _value(argument.strip(), context) or ""
            return other + value if name == "prepend" else value + other
        case _:
            return None


def _below(base_path: str, path: str) -> str:
    return path if "://" in path else f"{base_path}/{path.lstrip('/')}"


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def _short(mark: str) -> str:
    text = " ".join(mark.split())
    return text if len(text) <= 60 else text[:59] + "…"

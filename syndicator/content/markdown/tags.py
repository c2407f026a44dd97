"""Say what kramdown knows of HTML's elements."""

from __future__ import annotations

SPANS = frozenset({
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "button", "cite", "code", "del", "dfn", "em", "i", "img",
    "input", "ins", "kbd", "label", "mark", "option", "q", "rb", "rbc", "rp", "rt", "rtc", "ruby", "samp",
    "select", "small", "span", "strong", "sub", "sup", "tt", "u", "var",
})  # fmt: skip
"""They stand within text, and never begin a block."""
BLOCKS = frozenset({
    "address", "applet", "article", "aside", "blockquote", "body", "caption", "col", "colgroup", "dd", "div",
    "dl", "dt", "fieldset", "figcaption", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hgroup", "hr", "html", "iframe", "legend", "li", "main", "map", "menu", "nav", "ol", "optgroup",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
"""They never stand within text."""
VOID = frozenset({
    "area", "base", "br", "col", "command", "embed", "hr", "img", "input", "keygen", "link", "meta", "param",
    "source", "track", "wbr",
})  # fmt: skip
"""They have no content and no closing tag."""
HOLDS_BLOCKS = frozenset({
    "address", "applet", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "iframe", "li", "main", "map", "menu", "nav",
    "noscript", "object", "section", "summary", "td",
})  # fmt: skip
"""Their content is blocks, where it is Markdown."""
HOLDS_SPANS = frozenset({
    "a", "abbr", "acronym", "b", "bdo", "big", "button", "caption", "cite", "del", "dfn", "dt", "em", "h1",
    "h2", "h3", "h4", "h5", "h6", "i", "ins", "label", "legend", "optgroup", "p", "q", "rb", "rbc", "rp", "rt",
    "rtc", "ruby", "select", "small", "span", "strong", "sub", "sup", "th", "tt",
})  # fmt: skip
"""Their content is text, where it is Markdown."""
_HOLDS_NEITHER = frozenset({"code", "kbd", "math", "option", "pre", "samp", "script", "style", "textarea", "var"})
KNOWN = SPANS | BLOCKS | VOID | HOLDS_BLOCKS | HOLDS_SPANS | _HOLDS_NEITHER
"""Their names are written in lower case."""

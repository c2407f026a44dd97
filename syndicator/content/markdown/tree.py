"""Hold a document while it is read: its elements, what it defines, and how much may be wasted on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syndicator.content.markdown.options import Options

SPACE = " \t\r\n\f\v"
"""White space as Markdown has it: an ideographic space or one that does not break is text."""

DEEPEST_BLOCK = 40
DEEPEST_SPAN = 100
"""Elements may nest this deep; what lies deeper is text, so that no input overflows the stack."""


class Html(str):
    """Mark a piece of finished HTML among the children of an element; a plain `str` there is text."""

    __slots__ = ()


class Attributes:
    """Hold an attribute list: `{: #id .class key="value" reference}`."""

    __slots__ = ("references", "values")

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.references: list[str] = []

    def add(self, name: str, value: str) -> None:
        """Set an attribute; classes add up."""
        put(self.values, name, value)


class Element:
    """Hold an element: `tag` is its name in HTML, or a name in brackets for what is none.

    Blocks that are still to be read for spans hold their source as one text in `children`.
    """

    __slots__ = ("attributes", "children", "given", "raw", "tag", "text")

    def __init__(self, tag: str, text: str = "", attributes: dict[str, str] | None = None) -> None:
        self.tag = tag
        self.text = text
        self.attributes: dict[str, str] = {} if attributes is None else attributes
        self.children: list[Child] = []
        self.given: Attributes | None = None
        self.raw = False
        """HTML whose content is not Markdown, or a paragraph without tags of its own."""

    def give(self) -> Attributes:
        """Return the attribute list written after this element, to add to."""
        if self.given is None:
            self.given = Attributes()
        return self.given

    def refers_to(self, name: str) -> bool:
        """Tell whether an attribute list of this element holds a bare word such as `toc`."""
        return self.given is not None and name in self.given.references


Child = str | Element
"""A text, finished HTML (`Html`), or an element."""


def joined(children: list[Child]) -> list[Child]:
    """Return children with the texts that stand side by side made one."""
    found: list[Child] = []
    for child in children:
        if found and type(child) is str and type(found[-1]) is str:
            found[-1] += child
        else:
            found.append(child)
    return found


class Footnote:
    """Hold a footnote's blocks, its number once it is referred to, and how often it is again."""

    __slots__ = ("blocks", "name", "number", "repeats")

    def __init__(self, name: str, blocks: list[Child]) -> None:
        self.name = name
        self.blocks = blocks
        self.number = 0
        self.repeats = 0


@dataclass(slots=True)
class Link:
    """Hold a link definition: `[id]: url "title"`, with the mark that an attribute list may follow."""

    url: str
    title: str | None
    mark: Element


@dataclass(slots=True)
class Document:
    """Hold what a whole document defines, whatever block it stands in."""

    options: Options
    size: int
    links: dict[str, Link] = field(default_factory=dict)
    lists: dict[str, Attributes] = field(default_factory=dict)
    footnotes: dict[str, Footnote] = field(default_factory=dict)
    abbreviations: dict[str, tuple[str, Element]] = field(default_factory=dict)
    patience: int = 0

    def __post_init__(self) -> None:
        self.patience = 400_000 + 2 * self.size

    def read_in_vain(self, length: int) -> None:
        """Count characters that were read for an element that then was none, and are to be read again.

        Without a bound on them, a page of brackets that never close would take years: once `patience` is below zero,
        what may need another reading is text.
        """
        self.patience -= length

    def searched_in_vain(self, length: int, *, pattern: bool = False) -> None:
        """Count characters that were searched for a text, or a pattern, which takes far less than reading them."""
        self.patience -= length // (50 if pattern else 1000) + 1

    def apply(self, given: Attributes | None, attributes: dict[str, str]) -> None:
        """Add an attribute list, and the lists that it refers to, to an element's attributes."""
        if given is None:
            return
        for name in given.references:
            if (named := self.lists.get(name)) is not None and named is not given:
                for key, value in named.values.items():
                    put(attributes, key, value)
        for key, value in given.values.items():
            put(attributes, key, value)


def put(attributes: dict[str, str], name: str, value: str) -> None:
    """Set an attribute; classes add up."""
    attributes[name] = f"{attributes.get(name, '')} {value}".lstrip() if name == "class" else value

"""Lead the feed addresses that other generators used to ours.

A pattern is a path in which `:name` stands for one or more characters of one step: `/feed/:category.xml`. Its target is
a path of ours, or an absolute URL, in which the same names stand for the slugs of what was found. A slash at the end of
a path makes no difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from syndicator.policy import slugs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Pairs of pattern and target in order of preference: where several match, the first whose target is there wins.
PRESETS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "eleventy": (
        ("/feed.xml", "/feeds/site/all.atom"),
        ("/feed/feed.xml", "/feeds/site/all.atom"),
        ("/feed/feed.json", "/feeds/site/all.json"),
    ),
    "ghost": (
        ("/rss", "/feeds/site/all.rss"),
        ("/feed", "/feeds/site/all.rss"),
        ("/tag/:tag/rss", "/feeds/tag/:tag.rss"),
        ("/tag/:tag/rss", "/feeds/category/:tag.rss"),
        ("/author/:author/rss", "/feeds/author/:author.rss"),
    ),
    "hugo": (
        ("/index.xml", "/feeds/site/all.rss"),
        ("/categories/:category/index.xml", "/feeds/category/:category.rss"),
        ("/tags/:tag/index.xml", "/feeds/tag/:tag.rss"),
        ("/authors/:author/index.xml", "/feeds/author/:author.rss"),
        ("/:section/index.xml", "/feeds/category/:section.rss"),
        ("/:section/index.xml", "/feeds/site/all.rss"),
    ),
    "jekyll-feed": (
        ("/feed.xml", "/feeds/site/all.atom"),
        ("/feed/by_tag/:tag.xml", "/feeds/tag/:tag.atom"),
        ("/feed/:category.xml", "/feeds/category/:category.atom"),
    ),
    "pelican": (
        ("/feeds/all.:format.xml", "/feeds/site/all.:format"),
        ("/feeds/all-:language.:format.xml", "/feeds/language/:language.:format"),
        ("/feeds/tag-:tag.:format.xml", "/feeds/tag/:tag.:format"),
        ("/feeds/:name.:format.xml", "/feeds/category/:name.:format"),
        ("/feeds/:name.:format.xml", "/feeds/author/:name.:format"),
    ),
    "wordpress": (
        ("/feed", "/feeds/site/all.rss"),
        ("/feed/atom", "/feeds/site/all.atom"),
        ("/feed/:format", "/feeds/site/all.rss"),
        ("/category/:category/feed", "/feeds/category/:category.rss"),
        ("/category/:category/feed/atom", "/feeds/category/:category.atom"),
        ("/category/:parent/:category/feed", "/feeds/category/:category.rss"),
        ("/tag/:tag/feed", "/feeds/tag/:tag.rss"),
        ("/tag/:tag/feed/atom", "/feeds/tag/:tag.atom"),
        ("/author/:author/feed", "/feeds/author/:author.rss"),
        ("/author/:author/feed/atom", "/feeds/author/:author.atom"),
    ),
    "zola": (
        ("/atom.xml", "/feeds/site/all.atom"),
        ("/rss.xml", "/feeds/site/all.rss"),
        ("/categories/:category/:format.xml", "/feeds/category/:category.:format"),
        ("/tags/:tag/:format.xml", "/feeds/tag/:tag.:format"),
    ),
}

_NAME = re.compile(r":([a-z]+)")


class Rule(NamedTuple):
    """Hold a pattern, ready to match paths, and its target."""

    pattern: re.Pattern[str]
    target: str


@dataclass(frozen=True, slots=True)
class Redirects:
    """Hold where old paths lead: the owner's own always, those of presets where nothing else is at a path.

    Paths are decoded, with and without a slash at their end.
    """

    own: tuple[Rule, ...] = ()
    preset: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, own: Mapping[str, str], presets: Iterable[str]) -> Redirects:
        """Make them from pairs of pattern and target that have no `mistake`, and from names of `PRESETS`."""
        pairs = [pair for name in presets for pair in PRESETS[name]]
        return cls(tuple(map(_rule, own, own.values())), tuple(_rule(*pair) for pair in pairs))

    def ordered(self, path: str) -> str | None:
        """Return where the owner's redirects lead from a path, None where they do not."""
        return next(_targets(self.own, path), None)

    def offered(self, path: str) -> Iterator[str]:
        """Return where presets may lead from a path: the first that exists is meant."""
        return _targets(self.preset, path)


def mistake(pattern: str, target: str) -> str:
    """Return what is wrong with a redirect, as words that follow its pattern; empty where nothing is."""
    if not pattern.startswith("/"):
        return 'is no path, expected one such as "/feed.xml"'
    if not target.startswith(("/", "https://", "http://")):
        return 'leads nowhere, expected a path such as "/feeds/site/all.rss", or an address'
    names = _NAME.findall(pattern)
    if len(set(names)) < len(names):
        return "has a :name in it twice, expected another for each"
    unknown = set(_NAME.findall(target)) - set(names)
    if unknown:
        return f"leads to :{min(unknown)}, which is not in it"
    return "leads to itself" if pattern.rstrip("/") == target.rstrip("/") else ""


def _rule(pattern: str, target: str) -> Rule:
    # re.split with a group gives text and names in turn.
    parts = _NAME.split(pattern.rstrip("/"))
    expression = "".join(f"(?P<{part}>[^/]+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return Rule(re.compile(f"{expression}/?"), target)


def _targets(rules: Iterable[Rule], path: str) -> Iterator[str]:
    found = ((rule.target, match) for rule in rules if (match := rule.pattern.fullmatch(path)))
    return (_fill(target, match) for target, match in found)


def _fill(target: str, match: re.Match[str]) -> str:
    return _NAME.sub(lambda name: slugs.slugify(match[name[1]]), target)

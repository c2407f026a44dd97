"""Count and cut text by what readers take for one character (Unicode's UAX #29, extended grapheme clusters)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALONE = (
    "\\0-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u202f-\u205f\u2070-\u20cf\u2100-\u2cee\u2e00-\u3029\u3030-\u3098"
    "\u309b-\ua66e\uac00-\ud7a3\uf900-\ufb1d\uff00-\uff9d\uffa0-\uffdf"
    "\U0001f200-\U0001f3fa\U0001f400-\U0001faff\U00020000-\U0003ffff"
)
"""The letters of most languages, Han and most emoji: none belongs to another of them."""
_UNJOINED = re.compile(f"[{_ALONE}]*+")
_JOINING = re.compile(f"[\U0001f1e6-\U0001f1ff]+|[^{_ALONE}]")
"""Flags, and all that may belong to its neighbour."""
_MARKS = frozenset({"Mn", "Me", "Mc"})
_CONTROLS = frozenset({"Cc", "Zl", "Zp", "Cs"})
_ZWJ = "\u200d"
_EXTENDING = re.compile("[\u0e33\u0eb3\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_NOT_EXTENDING = re.compile(
    "[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c\u1a61\u1a63\u1a64\uaa7b\uaa7d]"
)
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941"
    "\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)
_VIRAMAS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d")
"""They join the consonants around them to one sign."""
_HANGUL = re.compile(
    "[\u1100-\u115f\ua960-\ua97c][\u1100-\u11a7\ua960-\ua97c\uac00-\ud7c6]"
    "|[\u1160-\u11a7\ud7b0-\ud7c6][\u1160-\u11ff\ud7b0-\ud7fb]"
    "|[\uac00-\ud7a3\u11a8-\u11ff\ud7cb-\ud7fb][\u11a8-\u11ff\ud7cb-\ud7fb]"
)
_LONGEST = 64
"""Characters of one cluster; emoji families have 11."""


def cut(text: str, most: int) -> int:
    """Return where the first `most` clusters end; the length of the text where it has no more."""
    end = most
    if end < len(text) and not _UNJOINED.fullmatch(text, 0, end + 1):
        for position in _joints(text):
            if position > end:
                break
            end += 1
    return min(end, len(text))


def parts(text: str, position: int) -> bool:
    """Tell whether a text may be cut before a position: no cluster reaches over it."""
    if _UNJOINED.fullmatch(text, position - 1, position + 1):
        return True
    start = max(0, position - _LONGEST)
    return position not in _joints(text[start : position + 1], start)


def _joints(text: str, offset: int = 0) -> Iterator[int]:
    """Yield, in order, each position that belongs to the same cluster as the one before it."""
    last = 0
    for found in _JOINING.finditer(text):
        start, end = found.span()
        if _is_flag(text[start]):  # flags are pairs of letters
            yield from range(start + 1 + offset, end + offset, 2)
            continue
        for position in (start, end):
            if last < position < len(text) and _joined(text, position):
                last = position
                yield position + offset


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _joined(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    kind = category(after)
    if _extends(after, kind):
        return not _is_control(before)
    if _PREPENDED.match(before):
        return not _is_control(after)
    if before == _ZWJ and _is_picture(after, kind):
        base = _base(text, position)
        return base >= 0 and _is_picture(text[base], category(text[base]))
    if kind == "Lo":
        return _is_syllable(before, after) or _is_conjunct(text, position)
    return False


def _is_syllable(before: str, after: str) -> bool:
    """Tell whether two letters go into one syllable block (rules GB6 to GB8)."""
    if "\uac00" <= before <= "\ud7a3" and (ord(before) - 0xAC00) % 28 == 0:
        before = "\u1161"  # a block without a final consonant goes on like its vowel
    return _HANGUL.match(before + after) is not None


def _extends(character: str, kind: str) -> bool:
    if kind in _MARKS:
        return not _NOT_EXTENDING.match(character)
    return _EXTENDING.match(character) is not None


def _is_control(character: str) -> bool:
    kind = category(character)
    return kind in _CONTROLS or (kind == "Cf" and not _EXTENDING.match(character) and not _PREPENDED.match(character))


def _is_picture(character: str, kind: str) -> bool:
    return kind in ("So", "Sm") or character >= "\U0001f000"


def _base(text: str, position: int) -> int:
    """Return where the cluster's first character is that is no mark and no joiner; -1 where there is none."""
    position -= 1
    while position >= 0 and _extends(text[position], category(text[position])):
        position -= 1
    return position


def _is_conjunct(text: str, position: int) -> bool:
    """Tell whether a letter is joined to the one before it by a virama (rule GB9c)."""
    base = _base(text, position)
    return (
        base >= 0
        and not _VIRAMAS.isdisjoint(text[base + 1 : position])
        and category(text[base]) == "Lo"
        and ord(text[base]) >> 7 == ord(text[position]) >> 7
    )

"""Decide what the owner is to be told: trouble that lasts, once a day at most, and that it is over.

Pure: what is wrong now and what was known of it go in, what is known from now on and what is to be said come out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TroubleKind = Literal["source", "output", "relay", "endpoint", "disabled", "digest", "quarantined"]

# These often pass by themselves; the others are there to stay, and are told of at once.
PASSING: frozenset[TroubleKind] = frozenset({"source", "output", "relay", "endpoint"})

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sign:
    """Hold one thing that is wrong at this moment.

    `key` tells it from others of its kind. `name` is the source's or the endpoint's, `reason` its own words, `count`
    how many posts or messages are concerned. `worked` is when it last went well, where that is known. `newest` is when
    it last went wrong: what has not gone wrong since it was told of is not told again.
    """

    key: str
    kind: TroubleKind
    name: str = ""
    reason: str = ""
    count: int = 1
    worked: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Hold what is known of one trouble.

    `since` is when it was first noticed. `said` is when the owner was last told of this key, also in an earlier spell;
    `ended` is when it was over: it is remembered for a day, so that one that comes and goes is not told each time.
    """

    key: str
    kind: TroubleKind
    name: str
    reason: str
    count: int
    since: datetime
    said: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Say that there is trouble, or that it is `over`."""

    trouble: Trouble
    over: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Hold all troubles to be known from now on, and what is to be said now."""

    known: tuple[Trouble, ...]
    news: tuple[News, ...]


def decide(signs: Iterable[Sign], known: Mapping[str, Trouble], patience: timedelta, now: datetime) -> Decision:
    """Return what is known and to be said after a look at the signs; passing trouble is told of after `patience`."""
    wrong = {sign.key: sign for sign in signs}
    troubles: list[Trouble] = []
    news: list[News] = []
    for sign in wrong.values():
        before = known.get(sign.key)
        trouble = _noticed(sign, before, now)
        if before and trouble.since > before.since and _told(before):
            news.append(News(before, over=True))
        if _to_be_told(sign, trouble, patience, now):
            trouble = replace(trouble, said=now)
            news.append(News(trouble))
        troubles.append(trouble)
    for before in known.values():
        if before.key not in wrong:
            if _told(before):
                news.append(News(before, over=True))
            troubles += _remembered(before, now)
    return Decision(tuple(troubles), tuple(news))


def _noticed(sign: Sign, before: Trouble | None, now: datetime) -> Trouble:
    """Return the trouble behind a sign: a new spell of it where it was over, or has gone well meanwhile."""
    said = before.said if before else None
    lasts = before is not None and before.ended is None and not (sign.worked and sign.worked > before.since)
    since = before.since if before and lasts else now
    return Trouble(sign.key, sign.kind, sign.name, sign.reason, sign.count, since, said)


def _to_be_told(sign: Sign, trouble: Trouble, patience: timedelta, now: datetime) -> bool:
    if sign.kind in PASSING and now - trouble.since < patience:
        return False
    if trouble.said is None:
        return True
    again = sign.newest is not None and sign.newest > trouble.said
    return now - trouble.said >= _A_DAY and (again or trouble.since > trouble.said)


def _told(trouble: Trouble) -> bool:
    """Tell whether the owner knows of this spell, and not yet that it is over."""
    return trouble.ended is None and trouble.said is not None and trouble.said >= trouble.since


def _remembered(trouble: Trouble, now: datetime) -> list[Trouble]:
    """Return what to keep of a trouble that is over: nothing where the owner was not told within a day."""
    if trouble.said is None or now - trouble.said >= _A_DAY:
        return []
    return [replace(trouble, ended=trouble.ended or now)]

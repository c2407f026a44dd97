"""Gather the filters by name: Liquid's own and Jekyll's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syndicator.content.liquid import list_filters, number_filters, site_filters, text_filters

if TYPE_CHECKING:
    from collections.abc import Callable

FILTERS: dict[str, Callable[..., Any]] = (
    text_filters.FILTERS | number_filters.FILTERS | list_filters.FILTERS | site_filters.FILTERS
)
"""Functions of the run, the value and the arguments; a `TypeError` means that these do not fit."""

"""Put pydantic's errors into the owner's words: what is wrong, what was expected, and what was perhaps meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syndicator.settings.fields import is_list, keys, table, table_at
from syndicator.settings.places import Mistake
from syndicator.settings.wording import did_you_mean, either, is_secret, noun, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from syndicator.settings.toml import Key


_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
_LISTS = ("tuple_type", "list_type")
_TABLES = ("model_type", "model_attributes_type", "dict_type")


def describe(
    error: ValidationError, model: type[BaseModel], prefix: Key = (), also: Iterable[str] = ()
) -> list[Mistake]:
    """Return one mistake for each error of a model; its keys follow `prefix`, whose table also takes the keys `also`.

    A table with a prefix is a channel's: its values are never repeated, any of them may be a secret.
    """
    return [
        Mistake(prefix + details["loc"], _text(details, model, tuple(also), hidden=bool(prefix)))
        for details in error.errors(include_url=False)
    ]


def _text(details: ErrorDetails, model: type[BaseModel], also: tuple[str, ...], *, hidden: bool) -> str:
    kind, key, context = details["type"], details["loc"], details.get("ctx", {})
    field = _field(model, key)
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return _missing(key, field)
    if kind == "extra_forbidden":
        return _unknown(key, model, also)
    got = _got(details, hidden=hidden)
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
        return f"expected {bound}, got {got}"
    if kind == "literal_error":
        words = context["expected"].replace("'", '"')
        near = "" if hidden else did_you_mean(str(details["input"]), words.split('"')[1::2])
        return f"expected {words}, got {got}{near}"
    expected = _expected(kind, key, field)
    return f"expected {expected}, got {got}" if expected else details["msg"]


def _expected(kind: str, key: Key, field: FieldInfo | None) -> str:
    """Say how a value of the right type is written, when the type is what is wrong."""
    is_table = field is not None and table(field) is not None
    if kind in _LISTS:
        return f"[[{key[-1]}]] in double brackets, as there may be several" if is_table else 'a list such as ["a", "b"]'
    if kind in _TABLES:
        return f"a section [{key[-1]}] in single brackets" if is_table else "a table"
    return _EXPECTED.get(kind, "")


def _got(details: ErrorDetails, *, hidden: bool) -> str:
    value = details["input"]
    secret = hidden or any(is_secret(str(part)) for part in details["loc"])
    return noun(value) if secret or isinstance(value, (dict, list)) else f"{shown(value)} ({noun(value)})"


def _missing(key: Key, field: FieldInfo | None) -> str:
    section = table(field) if field else None
    if not field or not section:
        return "is missing, and has no default"
    required = " and ".join(name for name, inner in keys(section).items() if inner.is_required())
    brackets = f"[[{key[-1]}]]" if is_list(field) else f"[{key[-1]}]"
    return f"the section is missing, expected {brackets} with {required}"


def _unknown(key: Key, model: type[BaseModel], also: tuple[str, ...]) -> str:
    parent = table_at(model, key[:-1])
    known = (*(keys(parent) if parent else ()), *(also if len(key) == 1 else ()))
    kind = "section" if len(key) == 1 and not also else "key"
    near = did_you_mean(str(key[-1]), known)
    return f"unknown {kind}{near or ', expected ' + either(known)}"


def _field(model: type[BaseModel], key: Key) -> FieldInfo | None:
    parent = table_at(model, key[:-1])
    return keys(parent).get(str(key[-1])) if parent and key else None

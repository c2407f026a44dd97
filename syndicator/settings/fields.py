"""Find the field that a key of the file means: by the names that the file uses, which aliases may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from syndicator.settings.toml import Key


def keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by the key that sets each in the file."""
    return {str(field.validation_alias or name): field for name, field in model.model_fields.items()}


def is_list(field: FieldInfo) -> bool:
    """Tell whether a field takes a list, or an array of tables."""
    return get_origin(field.annotation) is tuple


def table(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of the table that a field takes, or of each in its array; None for a plain value."""
    item = get_args(field.annotation)[0] if is_list(field) else field.annotation
    return item if isinstance(item, type) and issubclass(item, BaseModel) else None


def table_at(model: type[BaseModel], key: Key) -> type[BaseModel] | None:
    """Return the model of the table at the end of a path; None when the path ends at a plain value or nowhere."""
    current: type[BaseModel] | None = model
    for name in (part for part in key if isinstance(part, str)):
        field = keys(current).get(name) if current else None
        current = table(field) if field else None
    return current

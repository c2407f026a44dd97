"""Write the first settings file, filled in from the site that lies there, as far as it says."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from syndicator import resources
from syndicator.errors import UsageError
from syndicator.files import replace
from syndicator.tokens import read_keys

# Where a Jekyll site says what our settings ask for.
_KNOWN = {
    "title": ("title", "name"),
    "url": ("url",),
    "timezone": ("timezone",),
    "language": ("lang", "language", "locale"),
}


def start(folder: str) -> str:
    """Write `syndicator.toml` and the secret key into a folder; return the file's path. Never overwrites."""
    path = os.path.join(folder, "syndicator.toml")
    if os.path.exists(path):
        raise UsageError(f"{path} is there already: edit it, or delete it to begin anew")
    with open(os.path.join(resources.folder("config"), "syndicator.toml"), encoding="utf-8") as file:
        text = file.read()
    for key, value in _facts(folder).items():
        text = _with(text, key, value)
    try:
        os.makedirs(os.path.join(folder, "state"), mode=0o700, exist_ok=True)
        read_keys(os.path.join(folder, "state", "secret.key"))
        replace(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def _facts(folder: str) -> dict[str, str]:
    """Return what the folder itself says: it is a Jekyll site, and this is its title, address, zone and language."""
    config = os.path.join(folder, "_config.yml")
    if not os.path.isfile(config):
        return {"path": "."} if os.path.isdir(os.path.join(folder, "_posts")) else {}
    import yaml

    try:
        with open(config, encoding="utf-8-sig") as file:
            written: Any = yaml.safe_load(file)
    except (OSError, ValueError, yaml.YAMLError):
        written = None  # the scan will say what is wrong with it
    found = {key: _first(written, names) for key, names in _KNOWN.items()} if isinstance(written, dict) else {}
    return {"path": ".", **{key: value for key, value in found.items() if value}}


def _with(text: str, key: str, value: str) -> str:
    """Return the text with a value in the place of the key's first one."""
    before, line, after = re.split(rf"^({key} = ).*$", text, maxsplit=1, flags=re.MULTILINE)
    return f"{before}{line}{json.dumps(value, ensure_ascii=False)}{after}"  # JSON's escapes are TOML's too


def _first(written: dict[Any, Any], names: tuple[str, ...]) -> str:
    return next((str(written[name]) for name in names if isinstance(written.get(name), str) and written[name]), "")

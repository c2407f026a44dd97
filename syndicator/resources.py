"""Find the files that travel with the program: `templates/` and `config/`."""

import os

_HERE = os.path.dirname(os.path.abspath(__file__))


def folder(name: str) -> str:
    """Return the folder `templates` or `config`, inside the installed wheel or beside the package in a checkout."""
    installed = os.path.join(_HERE, "_share", name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_HERE), name)

"""Read the files below one folder, and nothing that a link or a pipe in it leads to."""

from __future__ import annotations

import errno
import os
import stat

from syndicator.policy import slugs

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG}
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# O_NONBLOCK: opening a pipe would otherwise wait for its writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def is_absence(error: OSError) -> bool:
    """Tell whether an error says that a file is not there, rather than that it cannot be read just now."""
    return error.errno in _ABSENT


class Folder:
    """Hold one folder. Names in it are relative, with `/`, and free of `..`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._slugs: dict[str, tuple[int, dict[str, str]]] = {}

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return f"{self.root}/{name}"

    def read(self, name: str) -> tuple[os.stat_result, bytes]:
        """Return a regular file's status and its bytes, following no symbolic link below the root. Raise OSError."""
        with open(self._open(name), "rb") as file:
            return os.fstat(file.fileno()), file.read()

    def has(self, name: str) -> bool:
        """Tell whether there is a regular file of this name."""
        try:
            return stat.S_ISREG(os.lstat(self.path(name)).st_mode)
        except (OSError, UnicodeEncodeError):
            return False

    def find(self, name: str) -> str | None:
        """Return the name of a file as it is written on the disk, where other generators write slugs in small letters.

        None where no file has this name in any case.
        """
        if self.has(name):
            return name
        folder, _, base = name.rpartition("/")
        known = self._known(folder).get(slugs.key(base))
        return f"{folder}/{known}" if known else None

    def _known(self, folder: str) -> dict[str, str]:
        """Return key → name of the files in a folder, listed again only once it has changed."""
        try:
            changed = os.lstat(self.path(folder)).st_mtime_ns
            if self._slugs.get(folder, (0, {}))[0] != changed:
                self._slugs[folder] = changed, _files(self.path(folder))
        except (OSError, UnicodeEncodeError):
            return {}
        return self._slugs[folder][1]

    def _open(self, name: str) -> int:
        *folders, base = name.split("/")
        place = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for folder in folders:
                place, above = os.open(folder, _FOLDER, dir_fd=place), place
                os.close(above)
            return _regular(os.open(base, _FILE, dir_fd=place))
        finally:
            os.close(place)


def _files(folder: str) -> dict[str, str]:
    with os.scandir(folder) as entries:
        return {slugs.key(entry.name): entry.name for entry in entries if entry.is_file(follow_symlinks=False)}


def _regular(file: int) -> int:
    """Return an open file as it is, or close it and raise when it is none."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return file

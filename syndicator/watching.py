"""Watch the folders that posts come from, so that a change is scanned within a second.

All this does is to have scans come sooner. What it does not notice (on a network disk, in a folder that was replaced,
when there is more than the kernel has room for) the next scan at its time finds, and then folders are looked at anew.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from syndicator.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from syndicator.settings import Settings

log = logging.getLogger(__name__)

# Changes are told once there were none for so many milliseconds, or when they have gone on for that long.
_QUIET_MS = 50
_LONGEST_MS = 2_000
# When they are told for the first time: what came before the kernel was asked to watch is among them.
_FIRST_MS = 500
# Where there is nothing to watch with, the library would read all folders again and again: once an hour will do.
_NEVER_MS = 3_600_000

_ADVICE = {
    "file watch limit": "the kernel watches no more files for this user: raise fs.inotify.max_user_watches",
    "Too many open files": "the kernel has no more watchers for this user: raise fs.inotify.max_user_instances",
}


def require(settings: Settings) -> None:
    """Raise SettingsError when folders are to be watched and the package for that is not installed."""
    if settings.schedule.watch and importlib.util.find_spec("watchfiles") is None:
        at = settings.locate("schedule", "watch")
        advice = 'pip install "syndicator[watch]", or leave it false: new posts are then found every [schedule] scan'
        raise SettingsError([f"{at}: schedule.watch: needs the package watchfiles: {advice}"])


@contextmanager
def watch(changed: Callable[[], bool], ours: Iterable[str]) -> Iterator[Watcher]:
    """Give a watcher that works until the block ends, which takes it a tenth of a second."""
    watcher = Watcher(changed, ours)
    thread = Thread(target=watcher.run, name="watcher", daemon=True)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.stop()
        thread.join()


class Watcher:
    """Tell when anything changes in the folders that `look` was given last.

    `changed` is called in the thread that runs this, and returns whether to go on watching. `ours` is how the paths
    begin that the service itself writes to.
    """

    def __init__(self, changed: Callable[[], bool], ours: Iterable[str]) -> None:
        self._changed = changed
        self._ours = tuple(map(os.path.realpath, ours))
        # Folder → its device and inode: another folder may have taken its place.
        self._places: Mapping[str, tuple[int, int]] = {}
        self._turn = Event()
        self._stopped = False
        self._said = ""

    def look(self, folders: Iterable[str]) -> None:
        """Watch these folders from now on, those of them that are there."""
        places = dict(_places(folders))
        if places != self._places:
            self._places = places
            self._turn.set()

    def run(self) -> None:
        """Watch until told to stop."""
        while True:
            self._turn.wait()
            self._turn.clear()
            if self._stopped:
                return
            self._watch([folder for folder in self._places if not os.path.realpath(folder).startswith(self._ours)])

    def stop(self) -> None:
        """Have `run` end."""
        self._stopped = True
        self._turn.set()

    def _watch(self, folders: list[str]) -> None:
        """Tell of changes until it is other folders' turn, nobody wants to hear of more, or watching fails."""
        begun = False
        try:
            for changed in self._changes(folders):
                if (changed or not begun) and not self._changed():
                    self._places = {}
                    return
                if not begun:
                    begun = True
                    self._say(logging.INFO, f"watching {len(folders)} folders")
        except (OSError, RuntimeError) as error:
            self._places = {}  # the look after the next scan tries again
            if begun:  # as with a name that is no text: something did change
                self._changed()
            elif not isinstance(error, FileNotFoundError):  # which went away since the scan
                self._say(
                    logging.WARNING, f"not watching, so that posts are found every [schedule] scan: {_why(error)}"
                )

    def _changes(self, folders: list[str]) -> Iterator[object]:
        """Yield what changed, and nothing at times, first when folders are being watched."""
        if not folders:
            return
        import watchfiles

        matters = Matter(folders, self._ours)
        yield from watchfiles.watch(
            *folders, watch_filter=lambda _, path: matters(path), debounce=_LONGEST_MS, step=_QUIET_MS,
            stop_event=self._turn, rust_timeout=_FIRST_MS, yield_on_timeout=True, raise_interrupt=False,
            force_polling=False, poll_delay_ms=_NEVER_MS, recursive=False,
        )  # fmt: skip

    def _say(self, level: int, what: str) -> None:
        """Log what was not logged last."""
        if what != self._said:
            log.log(level, "%s", what)
        self._said = what


class Matter:
    """Tell whether a change of a path below one of the folders may be one of a post."""

    def __init__(self, folders: Iterable[str], ours: tuple[str, ...]) -> None:
        self._real = {folder: os.path.realpath(folder) for folder in folders}
        self._ours = ours

    def __call__(self, path: str) -> bool:
        """Leave out what the service writes itself, which would never end, and what editors and git keep aside."""
        folder, name = os.path.split(path)
        if name.startswith((".", "#")) or name.endswith("~"):
            return False
        return not os.path.join(self._real.get(folder, folder), name).startswith(self._ours)


def _why(error: Exception) -> str:
    return next((advice for words, advice in _ADVICE.items() if words in str(error)), str(error))


def _places(folders: Iterable[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    for folder in folders:
        try:
            folder.encode()
            status = os.stat(folder)
        except (OSError, UnicodeEncodeError):
            continue
        yield folder, (status.st_dev, status.st_ino)

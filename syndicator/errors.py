"""The errors that Syndicator raises on purpose.

SyndicatorError
 ├─ SettingsError      the settings file, the environment or a template is wrong (exit code 2)
 ├─ UsageError         a command asks for something that is not there (exit code 2)
 ├─ SourceError        a whole source cannot be read; one bad post is a `Problem`, never an error
 ├─ StoreError         the store cannot be opened, is newer than the program, or is held by another process
 └─ OutputError        feeds or mails cannot be written

What a message meets on its way is a value, `models.Outcome`: a channel that raises has a bug.
"""


class SyndicatorError(Exception):
    """Say in one line what is wrong, where, and what to do."""

    exit_code = 1


class SettingsError(SyndicatorError):
    """Report every mistake in the settings at once.

    `problems` are complete lines, `file:line: key: what is wrong, what was expected`.
    """

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(SyndicatorError):
    """Refuse a command that names something unknown or contradicts itself."""

    exit_code = 2


class SourceError(SyndicatorError):
    """Refuse to go on with a source, so that nothing is taken for gone by mistake."""


class StoreError(SyndicatorError):
    """Refuse to work on a store that cannot be opened, or not by this process."""


class OutputError(SyndicatorError):
    """Name the file or folder that cannot be written, and why."""

"""Errors that end a command: one line that says what is wrong, and one hint that says what to do.

JedgebotError
├── Misuse       the command line asks for something that cannot be: exit code 2
└── Failure      the command could not do what was asked: exit code 1
"""

from typing import ClassVar


class JedgebotError(Exception):
    """A command cannot go on.

    Attributes:
        message: one sentence that says what is wrong.
        hint: one sentence that says what to do.
        exit_code: what the process ends with.
    """

    exit_code: ClassVar[int]

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Misuse(JedgebotError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class Failure(JedgebotError):
    """The command could not do what was asked; nothing is left half done."""

    exit_code = 1


class Terminated(BaseException):
    """The process was told to end (SIGTERM or SIGHUP); like KeyboardInterrupt, it undoes all."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number

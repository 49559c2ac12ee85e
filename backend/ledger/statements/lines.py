"""A stream of bytes as lines of text, in bounded memory."""

import codecs
import io
from collections.abc import Iterator
from typing import Final, Protocol

from backend.ledger.statements.outcomes import UnreadableFile

LINE_MAX: Final = 256 * 1024
"""Characters of the longest line."""

_CHUNK: Final = 64 * 1024
_FALLBACK: Final = "jedgebot-cp1252"
_JSON: Final = (b"[", b"{")
_SIGNATURES: Final = {
    b"PK\x03\x04": "a workbook or an archive",
    b"\xd0\xcf\x11\xe0": "an old workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed",
}


class SupportsRead(Protocol):
    """A stream of bytes; it is read from where it stands, and never closed."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8, as the code page that Excel writes."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252"), error.end


codecs.register_error(_FALLBACK, _as_cp1252)


class _Stream(io.RawIOBase):
    """The bytes already read for a look at them, then the rest."""

    def __init__(self, head: bytes, file: SupportsRead) -> None:
        self._head = head
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: any buffer
        data = self._head or self._file.read(len(buffer))
        self._head = data[len(buffer) :]
        data = data[: len(buffer)]
        buffer[: len(data)] = data
        return len(data)


def open_text(file: SupportsRead) -> tuple[io.TextIOWrapper, bool]:
    """The stream as text, and whether that is JSON.

    It is UTF-8, or UTF-16 by its byte order mark, else code page 1252.

    Raises:
        UnreadableFile: it is empty, or a kind of file that is not text.
    """
    head = file.read(_CHUNK)
    while head and len(head) < max(map(len, _SIGNATURES)) and (more := file.read(_CHUNK)):
        head += more
    if not head.strip():
        raise UnreadableFile("the file is empty")
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            raise UnreadableFile(f"the file is {kind}, not text: save it as CSV first")
    raw = io.BufferedReader(_Stream(head, file), _CHUNK)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        begin = head.replace(b"\0", b"")[len(codecs.BOM_UTF16_LE) :].lstrip()
        return io.TextIOWrapper(raw, "utf-16", newline=""), begin[:1] in _JSON
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return io.TextIOWrapper(raw, "utf-8-sig", errors=_FALLBACK, newline=""), begin[:1] in _JSON


def lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines with their ends.

    Raises:
        UnreadableFile: a line is longer than LINE_MAX, or there are bytes that are no text.
    """
    at = 0
    readline = text.readline
    try:
        while line := readline(LINE_MAX + 1):
            at += 1
            if len(line) > LINE_MAX:
                raise UnreadableFile(f"is longer than {LINE_MAX} characters", line=at)
            if "\0" in line:
                raise UnreadableFile(
                    "has NUL bytes: not text, or UTF-16 without its byte order mark", line=at
                )
            yield line
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "is not text in UTF-8, UTF-16 or code page 1252", line=at + 1
        ) from error

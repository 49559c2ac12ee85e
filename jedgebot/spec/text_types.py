"""Types whose values are characters or bytes."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from jedgebot.spec import values
from jedgebot.spec.field_type import Bounds, FieldType
from jedgebot.spec.values import Value, ValueRefused

# Those of backend.core.schemas, whose import takes longer than a misuse should (a test compares).
TEXT_MAX = 100_000
BYTES_MAX = 65_536

DEFAULT_LENGTH = 255
LENGTH_MAX = 10_000
CHOICE_LENGTH_MAX = 32
CHOICES_MAX = 50
_BYTES_OF_A_CHARACTER = 4


class _Measured(FieldType):
    """A type whose limits are lengths."""

    @property
    def longest(self) -> int:
        """How long a value may be."""
        return TEXT_MAX

    def limit(self, text: str) -> Value:
        """A length."""
        return values.integer(text, 0, self.longest)

    def measure(self, value: Value) -> Value:
        """The length."""
        return len(str(value))


@dataclass(frozen=True)
class Str(_Measured):
    """Text of a limited length."""

    keyword = "str"
    example = "str:80"
    ordered = True
    searchable = True
    length: int = DEFAULT_LENGTH

    @property
    def longest(self) -> int:
        """How many characters the column holds."""
        return self.length

    @property
    def written(self) -> str:
        """The keyword and the length."""
        return f"str:{self.length}"

    @property
    def index_bytes(self) -> int:
        """Four for each character."""
        return _BYTES_OF_A_CHARACTER * self.length

    @property
    def bounds(self) -> Bounds:
        """At least one character, and at most as many as the column holds."""
        return 1, self.longest

    def value(self, text: str) -> Value:
        """Any text that is not empty."""
        return values.text(text)


@dataclass(frozen=True)
class LongText(_Measured):
    """Text without a length in the database."""

    keyword = "text"
    example = "text"
    searchable = True

    @property
    def index_bytes(self) -> None:
        """An index entry does not hold a long text."""
        return

    @property
    def bounds(self) -> Bounds:
        """Up to what every table allows for a text."""
        return 0, self.longest

    def value(self, text: str) -> Value:
        """Any text that is not empty."""
        return values.text(text)


@dataclass(frozen=True)
class Bytes(_Measured):
    """Bytes, which are base64 on the wire; limits are numbers of bytes."""

    keyword = "bytes"
    example = "bytes"
    filterable = False

    @property
    def longest(self) -> int:
        """How many bytes it may have."""
        return BYTES_MAX

    @property
    def index_bytes(self) -> None:
        """An index entry does not hold so many."""
        return

    @property
    def bounds(self) -> Bounds:
        """Up to what every table allows for bytes."""
        return 0, self.longest


@dataclass(frozen=True)
class TextKind(FieldType):
    """Text of one kind, which requests are checked for.

    Attributes:
        length: how many characters its column holds.
        phrase: what it is, in a sentence.
    """

    ordered = True
    length: ClassVar[int]
    phrase: ClassVar[str]

    @property
    def index_bytes(self) -> int:
        """One for each character: a value of most kinds is ASCII."""
        return self.length


@dataclass(frozen=True)
class Email(TextKind):
    """An e-mail address, normalised and in lower case."""

    keyword = "email"
    example = "email"
    searchable = True
    length = 254
    phrase = "an e-mail address"

    @property
    def index_bytes(self) -> int:
        """Four for each character: the name of a mailbox may have any."""
        return _BYTES_OF_A_CHARACTER * self.length


@dataclass(frozen=True)
class Url(TextKind):
    """An address of the web, http or https."""

    keyword = "url"
    example = "url"
    searchable = True
    length = 2048
    phrase = "an address of the web"


@dataclass(frozen=True)
class Currency(TextKind):
    """The code of a currency."""

    keyword = "currency"
    example = "currency"
    length = 10
    phrase = "the code of a currency"

    def value(self, text: str) -> Value:
        """A code that the core knows."""
        return values.currency(text)


@dataclass(frozen=True)
class Timezone(TextKind):
    """A name of the IANA time zone database."""

    keyword = "timezone"
    example = "timezone"
    length = 64
    phrase = "the name of a time zone"

    def value(self, text: str) -> Value:
        """A name of the database that the grammar's characters can write, such as UTC."""
        if text not in _timezones():
            raise ValueRefused("a name of the IANA time zone database is needed, such as UTC")
        return text


@dataclass(frozen=True)
class Choice(FieldType):
    """One of a few words."""

    keyword = "enum"
    example = "enum:buy,sell"
    words: tuple[str, ...]

    @property
    def written(self) -> str:
        """The keyword and the words."""
        return f"enum:{','.join(self.words)}"

    @property
    def index_bytes(self) -> int:
        """Those of the longest word."""
        return CHOICE_LENGTH_MAX

    def value(self, text: str) -> Value:
        """One of the words."""
        if text not in self.words:
            raise ValueRefused(f"it is one of {', '.join(self.words)}")
        return text


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory", "localtime"}

"""Files that cannot be read, or only in part: clear errors, in bounded memory."""

import io
import json
import random
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.ledger.statements.lines import LINE_MAX
from backend.ledger.statements.objects import OBJECT_MAX
from backend.ledger.statements.outcomes import InvalidRow, ReadRow, UnreadableFile
from backend.ledger.statements.reading import read_statement
from backend.ledger.statements.registry import PROFILES
from tests.unit.ledger.statements.files import opened, read, sample

HEADER = b"type,trade_date,net_amount,currency,note\n"
ROW = b"deposit,2024-05-31,1,EUR,\n"


def refused(data: bytes, profile: str | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        list(opened(data, profile, currency="EUR"))
    assert str(caught.value).isprintable()
    return caught.value


def workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sheet.xml", "x")
    return buffer.getvalue()


@pytest.mark.parametrize("data", [b"", b"  \n\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"])
def test_an_empty_file(data: bytes) -> None:
    assert "empty" in refused(data).reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (workbook(), "save it as CSV"),
        (b"%PDF-1.7\n...", "a PDF"),
        (b"\x1f\x8b\x08\x00stuff", "compressed"),
        (b"type,trade_date\n\0\0\0\n", "NUL"),
        ("type,trade_date\n".encode("utf-16-le"), "NUL"),
        (b"\x81\x8d\x90\n" * 50, "not text"),
        (b"\xff\xfet\0y\0\0\xd8\x00\x00x", "not text in UTF-8, UTF-16"),
        (b"just a title\n", "header of a known layout"),
        (b"a,b,c\n1,2,3\n", "header of a known layout"),
        (b"title\n" * 30 + HEADER + ROW, "header of a known layout"),
        (HEADER + b'deposit,2024-05-31,1,EUR,"open\n' + ROW, "quote"),
        (HEADER + b'deposit,2024-05-31,1,EUR,"a"b\n', "not well-formed"),
        (b"[1, 2", "known layout"),
        (b"{}", "no list called"),
        (b'{"activities": 5}', "no list called"),
        (b'{"transactions": [{"type": "deposit"', "ends in the middle"),
        (b"[{]", "not JSON"),
        (b'{"a": "never closed', "ends in the middle"),
        (b'[{"colour": "blue"}]', "no known layout"),
        (b"[" * 100_000, "JSON"),
        (b'{"a": ' * 100_000, "ends in the middle"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert reason in str(refused(data))


def test_the_line_of_what_cannot_be_read() -> None:
    assert refused(HEADER + ROW + b'deposit,2024-05-31,1,EUR,"open\nand\nopen\n').line == 3
    assert refused(HEADER + ROW + b"\0\n").line == 3
    assert refused(HEADER + ROW + b"x" * (LINE_MAX + 1)).line == 3
    assert refused(b'[\n{"type": "deposit", "trade_date": "2024-05-31"},\n}').line == 3


def test_an_unknown_layout_lists_the_profiles() -> None:
    error = refused(b"a,b,c\n1,2,3\n")
    assert "schwab" in error.profiles
    assert "schwab" in error.reason
    error = refused(HEADER + ROW, "no_such_profile")
    assert "schwab" in error.profiles


def test_a_named_profile_says_which_columns_are_missing() -> None:
    error = refused(b"Date,Action,Symbol,Description,Quantity,Price\n", "schwab")
    assert error.reason.endswith("columns that are missing: amount, fees & comm")


def test_a_profile_of_another_format() -> None:
    assert "is JSON" in refused(HEADER + ROW, "ghostfolio").reason
    assert "is JSON" in refused(b"[{}]", "schwab").reason


def test_a_layout_that_does_not_say_its_currency_asks_for_it() -> None:
    with pytest.raises(UnreadableFile, match="does not say its currency"):
        opened(sample("xtb.csv"))


def test_each_profile_is_found_by_its_header_alone() -> None:
    for profile in PROFILES:
        if profile.format == "json":
            continue
        for needed in profile.required:
            header = ",".join(sorted(needed)) + "\n"
            assert opened(header, currency="EUR").profile == profile.name


def test_a_header_of_two_layouts_is_not_guessed() -> None:
    required = {profile.name: profile.required[0] for profile in PROFILES}
    both = ",".join(sorted(required["schwab"] | required["wealthfolio"])) + "\n"
    error = refused(both.encode())
    assert error.profiles == ("schwab", "wealthfolio")
    assert opened(both, "wealthfolio").profile == "wealthfolio"


class Endless:
    """A stream that repeats a piece; it counts what was taken from it."""

    def __init__(self, begin: bytes, piece: bytes, times: int) -> None:
        self._begin = begin
        self._piece = piece
        self._left = times
        self.taken = 0

    def read(self, size: int, /) -> bytes:
        data, self._begin = self._begin[:size], self._begin[size:]
        while len(data) < size and self._left:
            data += self._piece
            self._left -= 1
        self._begin = data[size:] + self._begin
        self.taken += len(data[:size])
        return data[:size]


@pytest.mark.parametrize(
    ("begin", "piece"),
    [
        (HEADER, b"x" * 100_000),
        (HEADER + b'deposit,2024-05-31,1,EUR,"', b"line\n" * 20_000),
        (b"", b"x" * 100_000),
        (b'[{"note": "', b"x" * 100_000),
        (b'[{"note": ', b"[" * 100_000),
    ],
)
def test_a_line_or_a_value_without_end_is_refused_long_before_all_is_read(
    begin: bytes, piece: bytes
) -> None:
    stream = Endless(begin, piece, 1000)
    with pytest.raises(UnreadableFile):
        list(read_statement(stream))
    assert stream.taken < 8 * max(LINE_MAX, OBJECT_MAX)


def test_a_long_member_before_the_list_is_passed_over() -> None:
    whole = json.dumps(
        {
            "assetProfiles": [{"name": 'x"]}\\' * 1000}] * 200,
            "activities": [
                {"type": "deposit", "trade_date": "2024-05-31", "net_amount": 1, "currency": "EUR"}
            ],
        }
    )
    assert len(whole) > 2 * OBJECT_MAX
    assert [row.values.type for row in read(whole)] == ["deposit"]


class Trickle(io.BytesIO):
    """A stream that gives one byte at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1))


@pytest.mark.parametrize("name", ["fidelity.csv", "degiro.csv", "parqet.csv"])
def test_a_stream_may_give_less_than_was_asked_for(name: str) -> None:
    text = sample(name)
    assert list(read_statement(Trickle(text.encode()))) == read(text)
    utf16 = list(read_statement(Trickle(text.removeprefix("\ufeff").encode("utf-16"))))
    assert utf16 == read(text)


def test_json_in_bytes_one_at_a_time() -> None:
    text = (
        ' {"a": {"b": ["]\\\\", 1.5]}, "transactions": [{"type": "deposit",\n"date": "2024-05-31",'
    )
    text += '"net_amount": 12, "currency": "EUR"}, 5]} '
    first, second = read_statement(Trickle(text.encode()))
    assert isinstance(first, ReadRow)
    assert str(first.values.net_amount) == "12"
    assert second == InvalidRow(2, "is not an object")


def test_a_stream_is_not_closed() -> None:
    stream = io.BytesIO(HEADER + ROW)
    list(read_statement(stream))
    assert not stream.closed


def test_eight_million_bytes_are_read_in_bounded_memory() -> None:
    piece = b"buy,2024-05-31,ZZA,7,12.50,1.50,USD," + b"n" * 400 + b"\n"
    begin = b"type,trade_date,symbol,quantity,price,fee,currency,note\n"
    list(read_statement(Endless(begin, piece, 10)))
    tracemalloc.start()
    try:
        rows = read_statement(Endless(begin, piece, 20_000))
        found = sum(isinstance(row, ReadRow) for row in rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == 20_000
    assert peak < 5 * 2**20


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_at_random_give_rows_or_one_error(data: bytes) -> None:
    for profile in (None, "generic", "degiro"):
        try:
            list(opened(HEADER + data, profile))
            list(opened(data, profile))
        except UnreadableFile as error:
            assert str(error).isprintable()  # noqa: PT017  # only one of the two may raise


@pytest.mark.parametrize("seed", range(12))
def test_files_with_damage_give_rows_or_one_error(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # not a secret
    for profile in PROFILES:
        name = {"generic": "wealthfolio", "sure": "xtb", "ghostfolio": "xtb"}.get(
            profile.name, profile.name
        )
        text = list(sample("ibkr_flex.csv" if "ghost" in name else f"{name}.csv"))
        for _ in range(30):
            at = chance.randrange(len(text))
            text[at] = chance.choice(["", "\n", ",", '"', "9", "-", ".", "\u20ac", "x", "1e99"])
        try:
            for row in opened("".join(text), currency="EUR"):
                assert isinstance(row, ReadRow | InvalidRow)
        except UnreadableFile as error:
            assert error.reason  # noqa: PT017  # it may raise, and may not

"""The rows that every contender serves: 400 users with 500 fills each, always the same.

Instants are whole milliseconds and decimals have at most 15 digits, so that every stack can
hold them without loss: JavaScript's dates, and SQLite's binary floats where a peer uses them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from backend.core.tokens import Claims, TokenSigner

SECRET_KEY = "a key of the benchmarks, with more than 32 bytes"  # noqa: S105 - signs nothing real
SEEDED_REFERENCE = "seeded-"

_STARTED_AT = datetime(2026, 1, 1, tzinfo=UTC)
_EXPIRES_AT = datetime(2126, 1, 1, tzinfo=UTC)
_SYMBOLS = ("AAPL", "AMZN", "BTC-USD", "ETH-USD", "EUR-USD", "GOOG", "META", "MSFT", "NVDA", "TSLA")


@dataclass(frozen=True)
class Owner:
    """A user who is logged in.

    Attributes:
        token: a bearer token that ours and the peers accept.
    """

    id: UUID
    session_id: UUID
    token: str

    @property
    def email(self) -> str:
        """The address of the user."""
        return f"{self.id.hex}@example.com"


@dataclass(frozen=True)
class FillRow:
    """One row of the table, in the order of its columns."""

    user_id: UUID
    id: UUID
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    external_ref: str
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True)
class Dataset:
    """Every row that is there before a measurement.

    Attributes:
        users: how many users there are.
        fills: how many fills each of them has.
    """

    users: int = 400
    fills: int = 500

    @cached_property
    def owners(self) -> list[Owner]:
        """The users, always with the same ids and tokens."""
        chance = random.Random(1)  # noqa: S311 - has to be the same every time
        signer = TokenSigner(SECRET_KEY.encode())
        owners = []
        for _ in range(self.users):
            user_id, session_id, token_id = (
                UUID(int=chance.getrandbits(128), version=4) for _ in range(3)
            )
            claims = Claims(user_id, session_id, token_id, _EXPIRES_AT)
            owners.append(Owner(user_id, session_id, signer.sign("access", claims)))
        return owners

    def rows_of(self, number: int) -> Iterator[FillRow]:
        """The fills of the owner with this number, in the order of their creation."""
        chance = random.Random(number)  # noqa: S311 - has to be the same every time
        owner = self.owners[number]
        for index in range(self.fills):
            created_at = _STARTED_AT + timedelta(
                seconds=index * 40_000 + number, milliseconds=index
            )
            yield FillRow(
                user_id=owner.id,
                id=_uuid7(created_at, chance),
                symbol=chance.choice(_SYMBOLS),
                side=chance.choice(("buy", "sell")),
                quantity=Decimal(chance.randrange(1, 10**8)).scaleb(-4),
                price=Decimal(chance.randrange(1, 10**9)).scaleb(-4),
                # Fills are recorded some time after they happened, in another order.
                executed_at=created_at - timedelta(milliseconds=chance.randrange(10**8)),
                external_ref=f"{SEEDED_REFERENCE}{index:06d}",
                created_at=created_at,
                updated_at=created_at,
                version=1,
            )

    def rows(self) -> Iterator[FillRow]:
        """All fills. They lie on disk as time made them: owners alternate."""
        for rows in zip(*(self.rows_of(number) for number in range(self.users)), strict=True):
            yield from rows


def user_row(owner: Owner) -> dict[str, object]:
    """The owner as a row of `users`."""
    return {
        "id": owner.id,
        "email": owner.email,
        "password_hash": "none: these users cannot log in",
        "created_at": _STARTED_AT,
        "updated_at": _STARTED_AT,
        "version": 1,
    }


def session_row(owner: Owner) -> dict[str, object]:
    """The owner's login as a row of `user_sessions`."""
    return {
        "user_id": owner.id,
        "id": owner.session_id,
        "refresh_token_id": owner.session_id,
        "expires_at": _EXPIRES_AT,
        "created_at": _STARTED_AT,
        "updated_at": _STARTED_AT,
        "version": 1,
    }


def _uuid7(instant: datetime, chance: random.Random) -> UUID:
    """A version 7 UUID of this instant (RFC 9562, section 5.7)."""
    milliseconds = int(instant.timestamp() * 1000)
    number = milliseconds << 80 | 0x7 << 76 | chance.getrandbits(12) << 64
    return UUID(int=number | 0b10 << 62 | chance.getrandbits(62))

"""Positions: which lots a closing takes, by each cost-basis method."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from heapq import heapify, heappop, heappush
from math import gcd
from typing import Final, Literal, Self
from uuid import UUID

from backend.ledger.exact import DUST, ONE, SMALLEST_QUANTITY, ZERO, quotient
from backend.ledger.lots import Lot, Piece, cost_left, piece, reduced, remainder, scaled

Method = Literal["fifo", "lifo", "hifo", "average"]

_LARGEST_SCALE: Final = 10**50
# Of quantities that were rounded. More than splits can make of one (`backend.ledger.splits`), so
# that it never comes down to 1, which says that no place is behind that of `SMALLEST_QUANTITY`.
_ROUNDED_SCALE: Final = 10**25


class Position(ABC):
    """The open lots of one symbol in one currency, all long or all short.

    Quantities inside are `scale` times the real ones, so that a split by any ratio is a product
    and its inverse gives back what there was. Use it inside the context `EXACT`.
    """

    __slots__ = (
        "currency",
        "fees",
        "multiplier",
        "quantity",
        "scale",
        "short",
        "symbol",
        "taxes",
    )

    def __init__(self, symbol: str, currency: str) -> None:
        self.symbol: Final = symbol
        self.currency: Final = currency
        self.quantity = ZERO
        self.scale = 1
        self.short = False
        self.multiplier = ONE
        self.fees = ZERO
        self.taxes = ZERO

    @abstractmethod
    def add(
        self, quantity: Decimal, cost: Decimal, gross: Decimal, opened_on: date, opened_by: UUID
    ) -> None:
        """Open a lot of a scaled quantity."""

    @abstractmethod
    def take(self, quantity: Decimal, pieces: list[Piece] | None) -> None:
        """Take a scaled quantity of at most what there is, and note from which lots if asked."""

    @abstractmethod
    def lots(self) -> list[Lot]:
        """The open lots, oldest first, in scaled quantities."""

    @abstractmethod
    def replace(self, lots: Iterable[Lot]) -> None:
        """Put these lots, oldest first, in the place of those there are."""

    def copy(self) -> Self:
        """Another position with the same lots; what happens to one leaves the other."""
        made = type(self)(self.symbol, self.currency)
        made.replace(self.lots())
        made.quantity = self.quantity
        made.scale = self.scale
        made.short = self.short
        made.multiplier = self.multiplier
        made.fees = self.fees
        made.taxes = self.taxes
        return made

    def basis(self) -> tuple[Decimal, Decimal]:
        """The cost of all open lots, and the same without fees and taxes."""
        cost = gross = ZERO
        for lot in self.lots():
            lot_cost, lot_gross = cost_left(lot, lot[0])
            cost += lot_cost
            gross += lot_gross
        return cost, gross

    def real(self, scaled_quantity: Decimal) -> Decimal:
        """The quantity that a scaled one stands for, to 50 digits if it does not terminate."""
        return (
            scaled_quantity if self.scale == 1 else quotient(scaled_quantity, Decimal(self.scale))
        )

    def closable(self, quantity: Decimal) -> Decimal:
        """The scaled quantity to take so as to close so many units: at most what there is.

        What is over by at most DUST, or would be left below the smallest quantity that can be
        written, closes the position exactly.
        """
        wanted = quantity * self.scale
        left = self.quantity - wanted
        if left <= 0:
            return self.quantity
        if self.scale != 1 and left < SMALLEST_QUANTITY * self.scale:
            return self.quantity
        return wanted

    def exceeds(self, quantity: Decimal) -> bool:
        """Whether so many units are more than there are, by more than DUST."""
        return quantity * self.scale - self.quantity > DUST * self.scale

    def close(self, quantity: Decimal, pieces: list[Piece] | None) -> None:
        """Take a scaled quantity; the scale begins anew when nothing is left."""
        self.take(quantity, pieces)
        if not self.quantity:
            self.scale = 1

    def split(self, numerator: int, denominator: int) -> None:
        """Make `numerator` units of every `denominator`; costs stay."""
        if not self.quantity:
            return
        scale = self.scale * denominator
        common = gcd(numerator, scale)
        factor = Decimal(numerator // common)
        self.scale = scale // common
        divisor = ONE
        if self.scale > _LARGEST_SCALE:
            factor *= _ROUNDED_SCALE
            divisor = Decimal(self.scale)
            self.scale = _ROUNDED_SCALE
        self.replace([scaled(lot, factor, divisor) for lot in self.lots()])

    def return_capital(self, amount: Decimal, gross: Decimal) -> tuple[Decimal, Decimal]:
        """Reduce the lots' costs by their shares of an amount; returns what exceeds them.

        Each lot's share is by its quantity, and reduces its cost to no less than zero.
        """
        if self.short or not self.quantity:
            return amount, gross
        lots, beyond, beyond_gross = [], ZERO, ZERO
        shared, shared_gross, quantity = ZERO, ZERO, ZERO
        for lot in self.lots():
            # The shares up to each lot are rounded, not each lot's share: so they make the whole.
            quantity += lot[0]
            before, before_gross = shared, shared_gross
            shared = quotient(amount * quantity, self.quantity)
            shared_gross = quotient(gross * quantity, self.quantity)
            if quantity == self.quantity:
                shared, shared_gross = amount, gross
            less, over, over_gross = reduced(lot, shared - before, shared_gross - before_gross)
            lots.append(less)
            beyond += over
            beyond_gross += over_gross
        self.replace(lots)
        return beyond, beyond_gross


class _Queue(Position):
    """Lots in order of age, taken from the end that an index says: 0 or -1."""

    __slots__ = ("_lots", "_pop")

    _end = 0

    def __init__(self, symbol: str, currency: str) -> None:
        super().__init__(symbol, currency)
        self._lots: deque[Lot] = deque()
        self._pop: Callable[[], Lot] = self._lots.pop if self._end else self._lots.popleft

    def add(
        self, quantity: Decimal, cost: Decimal, gross: Decimal, opened_on: date, opened_by: UUID
    ) -> None:
        self.quantity += quantity
        self._lots.append((quantity, quantity, cost, gross, opened_on, opened_by))

    def take(self, quantity: Decimal, pieces: list[Piece] | None) -> None:
        self.quantity -= quantity
        lots, end = self._lots, self._end
        while quantity:
            lot = lots[end]
            left, begun, cost, gross, opened_on, opened_by = lot
            if pieces is not None:
                pieces.append(piece(lot, min(left, quantity)))
            if left > quantity:
                lots[end] = left - quantity, begun, cost, gross, opened_on, opened_by
                return
            self._pop()
            quantity -= left

    def lots(self) -> list[Lot]:
        return list(self._lots)

    def replace(self, lots: Iterable[Lot]) -> None:
        kept = list(lots)
        self._lots.clear()
        self._lots.extend(kept)
        self.quantity = sum((lot[0] for lot in kept), ZERO)


class _Fifo(_Queue):
    """First in, first out."""

    __slots__ = ()


class _Lifo(_Queue):
    """Last in, first out."""

    __slots__ = ()

    _end = -1


class _Hifo(Position):
    """Highest cost of a unit in, first out; of equal ones the oldest."""

    __slots__ = ("_added", "_heap")

    def __init__(self, symbol: str, currency: str) -> None:
        super().__init__(symbol, currency)
        # The number of a lot stands before it, so that no two lots are ever compared.
        self._heap: list[tuple[Decimal, int, Lot]] = []
        self._added = 0

    def add(
        self, quantity: Decimal, cost: Decimal, gross: Decimal, opened_on: date, opened_by: UUID
    ) -> None:
        self.quantity += quantity
        self._added += 1
        lot = quantity, quantity, cost, gross, opened_on, opened_by
        heappush(self._heap, (-quotient(cost, quantity), self._added, lot))

    def take(self, quantity: Decimal, pieces: list[Piece] | None) -> None:
        self.quantity -= quantity
        heap = self._heap
        while quantity:
            rank, number, lot = heap[0]
            left = lot[0]
            if pieces is not None:
                pieces.append(piece(lot, min(left, quantity)))
            if left > quantity:
                heap[0] = rank, number, remainder(lot, quantity)
                return
            heappop(heap)
            quantity -= left

    def lots(self) -> list[Lot]:
        return [lot for _, _, lot in sorted(self._heap, key=lambda ranked: ranked[1])]

    def replace(self, lots: Iterable[Lot]) -> None:
        kept = list(lots)
        self._heap = [(-quotient(lot[2], lot[1]), age, lot) for age, lot in enumerate(kept)]
        heapify(self._heap)
        self._added = len(kept)
        self.quantity = sum((lot[0] for lot in kept), ZERO)


class _Average(Position):
    """One pool, in which all units cost the same; it is as old as its first purchase."""

    __slots__ = ("_pool",)

    def __init__(self, symbol: str, currency: str) -> None:
        super().__init__(symbol, currency)
        self._pool: Lot | None = None

    def add(
        self, quantity: Decimal, cost: Decimal, gross: Decimal, opened_on: date, opened_by: UUID
    ) -> None:
        self.quantity += quantity
        pool = self._pool
        if pool is not None:
            pooled, pooled_gross = cost_left(pool, pool[0])
            cost += pooled
            gross += pooled_gross
            opened_on, opened_by = pool[4], pool[5]
        self._pool = self.quantity, self.quantity, cost, gross, opened_on, opened_by

    def take(self, quantity: Decimal, pieces: list[Piece] | None) -> None:
        self.quantity -= quantity
        pool = self._pool
        if pool is None:
            return
        if pieces is not None:
            pieces.append(piece(pool, quantity))
        self._pool = remainder(pool, quantity) if self.quantity else None

    def lots(self) -> list[Lot]:
        return [] if self._pool is None else [self._pool]

    def replace(self, lots: Iterable[Lot]) -> None:
        self._pool = next(iter(lots), None)
        self.quantity = ZERO if self._pool is None else self._pool[0]


POSITIONS: Final[dict[Method, Callable[[str, str], Position]]] = {
    "fifo": _Fifo,
    "lifo": _Lifo,
    "hifo": _Hifo,
    "average": _Average,
}

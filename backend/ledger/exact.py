"""Exact decimal arithmetic: sums and products without rounding, quotients to 50 digits."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

ZERO = Decimal(0)
ONE = Decimal(1)

# What a sale may exceed its lots by, and close them exactly: other programs write rounded
# quantities.
DUST = Decimal("1e-12")

# The last decimal place that a stored quantity has.
SMALLEST_QUANTITY = Decimal("1e-18")

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]

# Columns have at most 38 digits, so that no sum of products of them comes near 1,000: inside
# this context +, - and * do not round.
EXACT = Context(prec=1000, rounding=ROUND_HALF_EVEN, traps=_TRAPS)

_QUOTIENT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=_TRAPS)

add = EXACT.add
subtract = EXACT.subtract
multiply = EXACT.multiply
"""Of two decimals, without rounding, in any context; for where entering one would cost more."""

quotient = _QUOTIENT.divide
"""`quotient(dividend, divisor)` to 50 significant digits, half to even, in any context.

Raises `decimal.DivisionByZero` or `decimal.InvalidOperation` if the divisor is zero.
"""


def rounded(value: Decimal, places: int = 18) -> Decimal:
    """The value with at most so many decimal places, half to even, without trailing zeros."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -places:
        value = value.quantize(Decimal(1).scaleb(-places), context=EXACT)
    value = value.normalize(EXACT)
    return value.quantize(ONE, context=EXACT) if value == value.to_integral_value() else value

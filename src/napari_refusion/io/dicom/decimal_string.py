"""Numbers that become Decimal Strings (DS), which have 16 characters at most (PS3.5, 6.2).

pydicom counts the digits before the point ahead of rounding, and writes 17 characters of what is just below a power of
ten: 100.0000000000000 for 99.99999999999997. An archive may refuse the whole object for one such number.
"""

from typing import Final

DIGITS: Final = 12
"""All that is kept of a number; of a place 1 m away, that is a millionth of a micrometre."""


def to_digits(value: float) -> float:
    """Return a number to `DIGITS` digits: those behind them are noise of arithmetic."""
    return float(f"{value:.{DIGITS}g}")

"""gemmlowp's fixed-point functions, for tables that are made at build time; numbers are raw int32 values.

Qm.n has m integer and n = 31 - m fractional bits. exp() of -1/4..0 is a Taylor polynomial about -1/8, the rest a
product of precomputed powers; 1/(1+x) and 1/sqrt(x) are Newton's iterations.
"""

from __future__ import annotations

from edgewright.kernels.quant import INT32_MAX, INT32_MIN, clamp, rounding_shift
from edgewright.kernels.quant import doubling_high_mul as mul

_EXP_MINUS_EIGHTH = 1895147668  # exp(-1/8) in Q0.31
_THIRD = 715827883  # 1/3 in Q0.31
_POWERS = ((-2, 1672461947), (-1, 1302514674), (0, 790015084), (1, 290630308), (2, 39332535), (3, 720401), (4, 242))
"""(e, exp(-2^e) in Q0.31)."""


def exp_on_negative_values(a: int, integer_bits: int) -> int:
    """exp(a) in Q0.31 for a <= 0 in Q<integer_bits>."""
    if a == 0:
        return INT32_MAX
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    rest = (a & (quarter - 1)) - quarter  # a modulo 1/4, in -1/4..0
    result = _exp_of_quarter(_scale_up(rest, integer_bits))
    remainder = rest - a
    for exponent, power in _POWERS:
        if exponent < integer_bits and remainder & (1 << (fraction_bits + exponent)):
            result = mul(result, power)
    return result


def one_over_one_plus(x: int) -> int:
    """1 / (1 + x) in Q0.31 for x in [0, 1] in Q0.31."""
    return _scale_up(_reciprocal(x), 1)


def _reciprocal(x: int) -> int:
    """2 / (1 + x) in Q2.29 for x in [0, 1] in Q0.31."""
    half = (x + INT32_MAX + 1) // 2
    y = 1515870810 + mul(half, -1010580540)  # 48/17 - 32/17 half, in Q2.29
    for _ in range(3):
        y += _scale_up(mul(y, (1 << 29) - mul(half, y)), 2)
    return y


def tanh(a: int, integer_bits: int) -> int:
    """The tanh of a in Q<integer_bits>, in Q0.31: (1 - exp(-2|a|)) / (1 + exp(-2|a|)) with the sign of a."""
    if a == 0:
        return 0
    power = exp_on_negative_values(-abs(a), integer_bits + 1)
    size = _scale_up(_reciprocal(power) - (1 << 29), 2)
    return size if a > 0 else -size


def inverse_square_root(x: int) -> tuple[int, int]:
    """1 / sqrt(x) of a whole number x > 0 as (multiplier, exponent): multiplier / 2^31 * 2^exponent.

    Newton's iteration for a number brought to 2^27..2^29; TensorFlow Lite's GetInvSqrtQuantizedMultiplierExp.
    """
    if x == 1:
        return INT32_MAX, 0
    pairs = (31 - x.bit_length()) // 2 - 1
    half = rounding_shift(x << 2 * pairs >> 1, 1)  # of x in Q3.28
    y = 1 << 28
    for _ in range(5):
        cube = _scale_up(mul(mul(y, y), y), 6)
        y = _scale_up(mul(3 << 27, y) - mul(half, cube), 3)
    return mul(y, 1518500250) << max(pairs - 11, 0), min(pairs - 11, 0)  # sqrt(1/2) in Q0.31


def logistic(a: int, integer_bits: int) -> int:
    """1 / (1 + exp(-a)) in Q0.31 for a in Q<integer_bits>."""
    if a == 0:
        return 1 << 30
    positive = one_over_one_plus(exp_on_negative_values(-abs(a), integer_bits))
    return positive if a > 0 else INT32_MAX - positive


def _exp_of_quarter(a: int) -> int:
    """exp(a) for a in [-1/4, 0) in Q0.31."""
    x = a + (1 << 28)
    x2 = mul(x, x)
    x3 = mul(x2, x)
    x4_4 = rounding_shift(mul(x2, x2), 2)
    tail = rounding_shift(mul(x4_4 + x3, _THIRD) + x2, 1)
    return _EXP_MINUS_EIGHTH + mul(_EXP_MINUS_EIGHTH, x + tail)


def _scale_up(x: int, bits: int) -> int:
    return clamp(x << bits, INT32_MIN, INT32_MAX)

"""Small integers as few bytes: what weights are stored as in flash, and what the device decodes.

    data = encode(symbols, width=26)          # int array of any shape, row-major -> bytes
    symbols = decode(data).reshape(shape)     # int8
    estimate_bytes(symbols, width=26)         # within a few per cent of len(data), a hundred times faster

A context-adaptive binary range coder: each symbol becomes a few binary decisions, each decision has a probability that
follows what was coded so far, and an arithmetic coder turns likely decisions into fractions of a bit. The coder is that
of LZMA (Igor Pavlov), the idea of binary contexts that of CABAC (Marpe, Schwarz, Wiegand 2003). The decoder in C is
ew_weights_coded.h; both are exact in integers, so they agree on every machine.

The format
----------
    byte 0      kind: 0x11 zero flags, 0x12 zero runs (the upper half is the version of the format)
    byte 1      width, 0..31
    byte 2      length of the table of values, 0..127; 0 for none
    byte 3      0
    bytes 4-7   number of symbols, little endian
    then        the table, int8
    then        bytes of the range coder; its end is the end of the data

Symbols are -127..127. A probability is the chance of a 0 in 4096ths; it begins at 2048 and moves by 1/32 of what is
missing. The 256 contexts are two tables of 128: one for zeros (0..127), one for values (128..255).

A number v = 1..127 is coded in 128 contexts: with n = floor(log2(v)), unary n as decisions "is n larger than i",
i = 0, 1, ... 5, in context 1 << i; then the n bits of v below its highest, highest first, where a bit of weight
2^(r - 1) stands in context (2 * (v >> r) + 1) << (r - 1). That is the middle of the interval which the bit halves: no
two decisions share a context, and any distribution of numbers is learned.

Zero flags: each symbol begins with a decision "is not zero" in context 2 * (the symbol before is not zero) + (the
symbol `width` places before is not zero; 0 for width 0). Symbols before the first are zeros.
Zero runs: a number r + 1 says that r zeros follow, and then a symbol that is not zero; 127 says that 126 zeros follow
and then another number. Where the end is reached, nothing follows. Faster to decode where most symbols are zero.

Of a symbol that is not zero its number in the table follows, from 1; without a table its sign (context 128, 1 for
negative) and its magnitude as a number. Few distinct values (clusters) are coded by a table, most frequent first.

The encoder ends with all four bytes of its state, so that a decoder that has read all symbols has read all bytes, and
its own state is zero. Both are checked: they show truncated and changed data, up to about one change in 2^24;
but not a change of the number of symbols by a few zeros at the end: who decodes compares it with what he expects.
"""

from __future__ import annotations

from edgewright.coding._coder import as_words, decode, encode
from edgewright.coding._estimate import best_width, count_decisions, estimate_bytes
from edgewright.coding._model import HEADER_BYTES, MOST, WIDTHS

__all__ = [
    "HEADER_BYTES",
    "MOST",
    "WIDTHS",
    "as_words",
    "best_width",
    "count_decisions",
    "decode",
    "encode",
    "estimate_bytes",
]

"""Small integers as few bytes: what weights are stored as in flash, and what the device decodes.

    form = best_form(symbols)                 # int array of any shape
    data = encode(symbols, form)              # row-major -> bytes
    symbols = decode(data, count).reshape(shape)     # int8
    estimate_bytes(symbols, form)             # within a few per cent of len(data), a hundred times faster

A context-adaptive binary range coder: each symbol becomes a few binary decisions, each decision has a probability that
follows what was coded so far, and an arithmetic coder turns likely decisions into fractions of a bit. The coder is that
of LZMA (Igor Pavlov), the idea of binary contexts that of CABAC (Marpe, Schwarz, Wiegand 2003). The decoder in C is
ew_weights_coded.h; both are exact in integers, so they agree on every machine.

The format
----------
    byte 0      0x21: the upper half is the version of the format
    byte 1      length of the table of values, 0..127; 0 for none
    byte 2      symbols of a group, 1..62; it divides the number of symbols
    byte 3      classes of groups
    bytes 4-5   run: groups of the same class that follow one another, 1..65535, little endian
    then        the table, int8
    then        bytes of the range coder; its end is the end of the data

Symbols are -127..127; how many there are is known to who decodes. A chance is that of a 0, in 65536ths. It begins at
32768 and moves by 1/2^s of what is missing, where s is 2 + (n >> 2) at the n-th decision of its context, n = 0, 1, ...,
and 6 from n = 16 on: few decisions teach fast, many teach well. Of the 256 contexts 0..125 are for zero flags, 126..128
for signs, 129..255 for numbers.

Zero flags. A group stands in class (group // run) % classes, so that what has its own density, a channel say, learns
it by itself. Of groups of one symbol each begins with "is not zero" in the context of its class. Others begin with "not
all are zero" there, and if so each symbol with "is not zero" in context classes + 2 * place in the group + (one before
it in the group was not zero); the last is known to be not zero where all before it were.

Of a symbol that is not zero its number in the table follows, from 1; without a table its sign (1 for negative, in
context 126 behind a zero and at first, 127 behind a positive symbol, 128 behind a negative one) and its magnitude as a
number. Few distinct values (clusters) are coded by a table, most frequent first.

A number v = 1..127 is coded in the contexts from 128 on: with n = floor(log2(v)), unary n as decisions "is n larger
than i", i = 0, 1, ... 5, in context 128 + (1 << i); then the n bits of v below its highest, highest first, where a bit
of weight 2^(r - 1) stands in context 128 + ((2 * (v >> r) + 1) << (r - 1)). That is the middle of the interval which
the bit halves: no two decisions share a context, and any distribution of numbers is learned.

The encoder ends with all four bytes of its state, so that a decoder that has read all symbols has read all bytes, and
its own state is zero. Both are checked: they show truncated and changed data, up to about one change in 2^24;
but not a change of the number of symbols by some zeros at the end.
"""

from __future__ import annotations

from edgewright.coding._channels import MOST_FOLD, ChannelCode, best_fold, decode_channels, encode_channels
from edgewright.coding._coder import as_words, decode, encode
from edgewright.coding._estimate import NEAR, best_form, count_decisions, estimate_bytes
from edgewright.coding._form import FLAGS as MOST_CLASSES
from edgewright.coding._form import Form
from edgewright.coding._model import HEADER_BYTES, MOST

__all__ = [
    "HEADER_BYTES",
    "MOST",
    "MOST_CLASSES",
    "MOST_FOLD",
    "NEAR",
    "ChannelCode",
    "Form",
    "as_words",
    "best_fold",
    "best_form",
    "count_decisions",
    "decode",
    "decode_channels",
    "encode",
    "encode_channels",
    "estimate_bytes",
]

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights as indices into a table of at most 2^bits values. A row begins with a word; a word holds
 * as many indices as fit in it whole (16 of 2 bits, 10 of 3, 8 of 4), the first in its lowest bits.
 */
#ifndef EW_EW_WEIGHTS_LUT_H
#define EW_EW_WEIGHTS_LUT_H

#include "ew_kernel.h"

/* Words of a row of `count` indices. */
EW_INLINE int32_t ew_weights_lut_words(int32_t count, int32_t bits) {
    return (count + 32 / bits - 1) / (32 / bits);
}

/* Writes the `count` weights of a row. */
EW_INLINE void ew_weights_lut_unpack(int8_t *to, const uint32_t *row, const int8_t *table,
                                     int32_t count, int32_t bits) {
    const uint32_t mask = (1U << bits) - 1U;
    for (int32_t i = 0; i < count; row++) {
        uint32_t w = *row;
        const int32_t end = ew_min(i + 32 / bits, count);
        for (; i < end; i++, w >>= bits) {
            to[i] = table[w & mask];
        }
    }
}

#endif

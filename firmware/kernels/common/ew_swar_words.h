/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of four channels in three words (fully_connected_s8_swar.h) without assembly. */
#ifndef EW_SWAR_WORDS_H
#define EW_SWAR_WORDS_H

#include "ew_kernel.h"

EW_INLINE uint32_t ew_swar_reversed(uint32_t word) {
#if defined(__GNUC__)
    return __builtin_bswap32(word);
#else
    return word << 24 | (word & 0xFF00U) << 8 | (word >> 8 & 0xFF00U) | word >> 24;
#endif
}

/* Adds to (all, back, top) of `fours` times four channels; weights [depth][fours]. */
EW_INLINE void ew_swar_words_plain(const int8_t *x, int32_t depth, const uint32_t *weights,
                                   int32_t fours, uint32_t *words) {
    for (int32_t k = 0; k < depth; k++) {
        for (int32_t i = 0; i < 3 * fours; i += 3) {
            const uint32_t by = (uint32_t)x[k], back = *weights++;
            const uint32_t all = ew_swar_reversed(back);
            words[i] += all * by;
            words[i + 1] += back * by;
            words[i + 2] += (all >> 16) * by;
        }
    }
}

#endif

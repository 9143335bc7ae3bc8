/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of four channels in three words (fully_connected_s8_swar.h): without assembly, and what
 * assembly of a core stands in. */
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

/* Assembly that sums. It finds first, second and third in r0 to r2, and in r3 and r4 what the words
 * begin with, alike for each four channels; it leaves the words in r0 to r5. */
#define EW_SWAR_WORDS_SUM(lines, first, second, third)                                             \
    register uint32_t a __asm__("r0") = first;                                                     \
    register uint32_t b __asm__("r1") = second;                                                    \
    register uint32_t c __asm__("r2") = third;                                                     \
    register uint32_t d __asm__("r3") = words[0];                                                  \
    register uint32_t e __asm__("r4") = words[2];                                                  \
    register uint32_t f __asm__("r5");                                                             \
    __asm__ volatile(lines                                                                         \
                     : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "=r"(f)                        \
                     :                                                                             \
                     : "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");         \
    words[0] = a;                                                                                  \
    words[1] = b;                                                                                  \
    words[2] = c;                                                                                  \
    words[3] = d;                                                                                  \
    words[4] = e;                                                                                  \
    words[5] = f

#endif

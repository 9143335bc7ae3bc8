/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED for Armv6-M: see fully_connected_s8_swar.h. */
#ifndef EW_FULLY_CONNECTED_S8_M0_H
#define EW_FULLY_CONNECTED_S8_M0_H

#include "ew_swar_m0.h"
#include "ew_swar_words.h"

/* A word of weights, for x in r5; words of sums are in high registers, where additions reach them.
 */
#define EW_FULLY_CONNECTED_S8_M0_FOUR(word, all, back, top)                                        \
    "rev r6, " word "\n\tmuls " word ", r5\n\tadd " back ", " word "\n\tlsrs r7, r6, #16\n\t"      \
    "muls r6, r5\n\tadd " all ", r6\n\tmuls r7, r5\n\tadd " top ", r7\n\t"

/* Eight channels: 10 instructions for four products, and 2 more. */
#define EW_FULLY_CONNECTED_S8_M0_8                                                                 \
    ".syntax unified\n\tmov r8, r3\n\tmov r9, r3\n\tmov r10, r4\n\t"                               \
    "mov r11, r3\n\tmov r12, r3\n\tmov lr, r4\n"                                                   \
    "1:\n\tldmia r2!, {r3, r4}\n\tldrsb r5, [r0, r1]\n\t" EW_FULLY_CONNECTED_S8_M0_FOUR(           \
        "r3", "r8", "r9", "r10")                                                                   \
        EW_FULLY_CONNECTED_S8_M0_FOUR("r4", "r11", "r12",                                          \
                                      "lr") "adds r1, #1\n\tbne 1b\n\t"                            \
                                            "mov r0, r8\n\tmov r1, r9\n\tmov r2, r10\n\tmov r3, "  \
                                            "r11\n\tmov r4, r12\n\tmov r5, lr"

#define EW_FULLY_CONNECTED_S8_M0_4                                                                 \
    ".syntax unified\n\tmov r8, r3\n\tmov r9, r3\n\tmov r10, r4\n"                                 \
    "1:\n\tldmia r2!, {r3}\n\tldrsb r5, [r0, r1]\n\t" EW_FULLY_CONNECTED_S8_M0_FOUR(               \
        "r3", "r8", "r9", "r10") "adds r1, #1\n\tbne 1b\n\t"                                       \
                                 "mov r0, r8\n\tmov r1, r9\n\tmov r2, r10"

#if EW_SWAR_M0_ASM
/* In assembly, for the compiler has no use for high registers in a loop. depth > 0. */
#define EW_FULLY_CONNECTED_S8_M0_SUM(lines)                                                        \
    register uint32_t a __asm__("r0") = (uint32_t)(x + depth);                                     \
    register uint32_t b __asm__("r1") = (uint32_t)-depth;                                          \
    register uint32_t c __asm__("r2") = (uint32_t)weights;                                         \
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

/* Adds to two times (all, back, top); weights [depth][2]. */
EW_INLINE void ew_fully_connected_s8_swar_sum8(const int8_t *x, int32_t depth,
                                               const uint32_t *weights, uint32_t words[6]) {
#if EW_SWAR_M0_ASM
    EW_FULLY_CONNECTED_S8_M0_SUM(EW_FULLY_CONNECTED_S8_M0_8);
#else
    ew_swar_words_plain(x, depth, weights, 2, words);
#endif
}

/* Adds to (all, back, top); weights [depth]. What is in the other words is lost. */
EW_INLINE void ew_fully_connected_s8_swar_sum4(const int8_t *x, int32_t depth,
                                               const uint32_t *weights, uint32_t words[6]) {
#if EW_SWAR_M0_ASM
    EW_FULLY_CONNECTED_S8_M0_SUM(EW_FULLY_CONNECTED_S8_M0_4);
#else
    ew_swar_words_plain(x, depth, weights, 1, words);
#endif
}

#include "fully_connected_s8_swar.h"

#define ew_fully_connected_s8_m0 ew_fully_connected_s8_swar

#endif

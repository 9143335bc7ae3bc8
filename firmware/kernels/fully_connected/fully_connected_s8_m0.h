/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED for Armv6-M: see fully_connected_s8_swar.h. */
#ifndef EW_FULLY_CONNECTED_S8_M0_H
#define EW_FULLY_CONNECTED_S8_M0_H

#include "ew_swar_m0.h"

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
#define EW_FULLY_CONNECTED_S8_SWAR_SUM(lines)                                                      \
    EW_SWAR_WORDS_SUM(lines, (uint32_t)(x + depth), (uint32_t)-depth, (uint32_t)weights)
#define EW_FULLY_CONNECTED_S8_SWAR_SUM8 EW_FULLY_CONNECTED_S8_M0_8
#define EW_FULLY_CONNECTED_S8_SWAR_SUM4 EW_FULLY_CONNECTED_S8_M0_4
#endif

#include "fully_connected_s8_swar.h"

#define ew_fully_connected_s8_m0 ew_fully_connected_s8_swar

#endif

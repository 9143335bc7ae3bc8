/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED for Armv7-M without DSP instructions: see fully_connected_s8_swar.h. */
#ifndef EW_FULLY_CONNECTED_S8_M3_H
#define EW_FULLY_CONNECTED_S8_M3_H

#include "ew_swar_m3.h"

/* A word of weights, for x in r7. */
#define EW_FULLY_CONNECTED_S8_M3_FOUR(word, all, back, top)                                        \
    "mla " back ", " word ", r7, " back "\n\trev " word ", " word "\n\tmla " all ", " word         \
    ", r7, " all "\n\tlsr " word ", " word ", #16\n\tmla " top ", " word ", r7, " top "\n\t"
#define EW_FULLY_CONNECTED_S8_M3_EIGHT(first, second)                                              \
    "ldrsb r7, [r0], #1\n\t" EW_FULLY_CONNECTED_S8_M3_FOUR(first, "r8", "r9", "r10")               \
        EW_FULLY_CONNECTED_S8_M3_FOUR(second, "r11", "r12", "lr")

/* Eight channels: 25 instructions for 16 products. */
#define EW_FULLY_CONNECTED_S8_M3_8                                                                 \
    "mov r8, r3\n\tmov r9, r3\n\tmov r10, r4\n\tmov r11, r3\n\tmov r12, r3\n\tmov lr, r4\n\t"      \
    "lsls r3, r2, #31\n\tadd r2, r2, r0\n\tbeq 2f\n\t"                                             \
    "ldmia r1!, {r3, r4}\n\t" EW_FULLY_CONNECTED_S8_M3_EIGHT(                                      \
        "r3", "r4") "b 2f\n"                                                                       \
                    "1:\n\tldmia r1!, {r3, r4, r5, r6}\n\t" EW_FULLY_CONNECTED_S8_M3_EIGHT("r3",   \
                                                                                           "r4")   \
                        EW_FULLY_CONNECTED_S8_M3_EIGHT(                                            \
                            "r5", "r6") "2:\n\tcmp r0, r2\n\tbne 1b\n\t"                           \
                                        "mov r0, r8\n\tmov r1, r9\n\tmov r2, r10\n\tmov r3, "      \
                                        "r11\n\tmov r4, r12\n\tmov r5, lr"

#define EW_FULLY_CONNECTED_S8_M3_4                                                                 \
    "mov r8, r3\n\tmov r9, r3\n\tmov r10, r4\n\tadd r2, r2, r0\n"                                  \
    "1:\n\tldr r3, [r1], #4\n\tldrsb r7, [r0], #1\n\t" EW_FULLY_CONNECTED_S8_M3_FOUR(              \
        "r3", "r8", "r9", "r10") "cmp r0, r2\n\tbne 1b\n\t"                                        \
                                 "mov r0, r8\n\tmov r1, r9\n\tmov r2, r10"

#if defined(__OPTIMIZE__) && defined(__arm__)
/* In assembly, because it takes all fourteen registers that there are. depth > 0. */
#define EW_FULLY_CONNECTED_S8_SWAR_SUM(lines)                                                      \
    EW_SWAR_WORDS_SUM(lines, (uint32_t)x, (uint32_t)weights, (uint32_t)depth)
#define EW_FULLY_CONNECTED_S8_SWAR_SUM8 EW_FULLY_CONNECTED_S8_M3_8
#define EW_FULLY_CONNECTED_S8_SWAR_SUM4 EW_FULLY_CONNECTED_S8_M3_4
#endif

#include "fully_connected_s8_swar.h"

#define ew_fully_connected_s8_m3 ew_fully_connected_s8_swar

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Two pixels in a word (ew_swar.h) for Armv7-M without DSP instructions. */
#ifndef EW_SWAR_M3_H
#define EW_SWAR_M3_H

#include "ew_swar.h"

/* Bytes of a word of weights in the order in which a group takes them. */
#define EW_SWAR_ORDER                                                                              \
    { 0, 1, 2, 3 }

#define EW_SWAR_M3_TOTALS                                                                          \
    "sxth r3, r8\n\tadd r11, r11, r8, asr #8\n\tadd r10, r10, r3\n\t"                              \
    "sxth r4, r9\n\tadd lr, lr, r9, asr #8\n\tadd r12, r12, r4\n\t"

/* clang-format off */
#define EW_SWAR_M3_DOT                                                                             \
    "mov r10, #0\n\tmov r11, #255\n\tmov r12, #0\n\tmov lr, #255\n"                                \
    "1:\n\t.rept %c[unroll]\n\t"                                                                   \
    "ldmia r0!, {r3, r4, r5, r6}\n\t"                                                              \
    "ldrsb r7, [r1], #1\n\tmul r8, r3, r7\n\tmul r9, r4, r7\n\t"                                   \
    "ldrsb r7, [r1], #1\n\tmla r8, r5, r7, r8\n\tmla r9, r6, r7, r9\n\t"                           \
    "ldmia r0!, {r3, r4, r5, r6}\n\t"                                                              \
    "ldrsb r7, [r1], #1\n\tmla r8, r3, r7, r8\n\tmla r9, r4, r7, r9\n\t"                           \
    "ldrsb r7, [r1], #1\n\tmla r8, r5, r7, r8\n\tmla r9, r6, r7, r9\n\t"                           \
    EW_SWAR_M3_TOTALS                                                                              \
    ".endr\n\t"                                                                                    \
    "cmp r0, r2\n\tbne 1b\n\t"                                                                     \
    "ldr r2, [r1], #4\n\tcbz r2, 3f\n"                                                             \
    "2:\n\t"                                                                                       \
    "ldr r7, [r1], #4\n\tadd r3, r0, r7, asr #8\n\tsxtb r7, r7\n\tldrd r4, r5, [r3]\n\t"           \
    "mul r8, r4, r7\n\tmul r9, r5, r7\n\t"                                                         \
    EW_SWAR_M3_TOTALS                                                                              \
    "subs r2, #1\n\tbne 2b\n"                                                                      \
    "3:\n\t"                                                                                       \
    "mov r3, r10\n\tsub r4, r11, r10, asr #8\n\tasr r4, r4, #8\n\t"                                \
    "mov r5, r12\n\tsub r6, lr, r12, asr #8\n\tasr r6, r6, #8"
/* clang-format on */

/*
 * Sums of four pixels by one channel; see ew_swar_m0.h for block and stream. 20 instructions for 16
 * products and 2 a round.
 *
 * In assembly, because it takes all fourteen registers that there are.
 */
EW_INLINE const uint32_t *ew_swar_dot(const uint32_t *block, const uint32_t *stream, int32_t groups,
                                      ew_swar_sums *sums) {
#if defined(__OPTIMIZE__) && defined(__arm__)
    register const uint32_t *x __asm__("r0") = block;
    register const uint32_t *w __asm__("r1") = stream;
    register const uint32_t *end __asm__("r2") = block + 8 * groups;
    register int32_t s0 __asm__("r3");
    register int32_t s1 __asm__("r4");
    register int32_t s2 __asm__("r5");
    register int32_t s3 __asm__("r6");
#define EW_SWAR_M3_DOT_OF(lines)                                                                   \
    __asm__ volatile(EW_SWAR_M3_DOT lines                                                          \
                     : "+r"(x), "+r"(w), "+r"(end), "=r"(s0), "=r"(s1), "=r"(s2), "=r"(s3)         \
                     : [unroll] "i"(ew_swar_unroll(groups))                                        \
                     : "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory")
    if (ew_swar_unroll(groups) <= 2) {
        EW_SWAR_M3_DOT_OF(EW_LINES_16);
    } else if (ew_swar_unroll(groups) <= 4) {
        EW_SWAR_M3_DOT_OF(EW_LINES_64);
    } else {
        EW_SWAR_M3_DOT_OF(EW_LINES_64 EW_LINES_64);
    }
    sums->of[0] = s0;
    sums->of[1] = s1;
    sums->of[2] = s2;
    sums->of[3] = s3;
    return w;
#else
    static const int32_t order[4] = EW_SWAR_ORDER;
    return ew_swar_dot_plain(block, stream, groups, order, sums);
#endif
}

/* Values of four pixels to a block: what a compiler makes of C is good enough here. */
EW_INLINE uint32_t *ew_swar_widen(uint32_t *block, const int8_t *const from[4], int32_t count) {
    return ew_swar_widen_plain(block, from, count);
}

/* One sum with its bias, as ew_swar_finish makes an output of it, and as that of ew_swar_m0.h; not
 * saturated. */
EW_INLINE int32_t ew_swar_scale(int32_t acc, int32_t multiplier, int32_t add, int32_t right,
                                int32_t ties) {
#if defined(__OPTIMIZE__) && defined(__arm__)
    int32_t low = 1 << 30, high = add;
    if (ties) {
        low = (int32_t)((uint32_t)low + ((uint32_t)(acc >> 31) << 31));
        high += acc >> 31;
    }
    __asm__("smlal %[low], %[high], %[acc], %[m]"
            : [low] "+&r"(low), [high] "+&r"(high)
            : [acc] "r"(acc), [m] "r"(multiplier));
    return high >> right;
#else
    return ew_swar_scale_plain(acc, multiplier, add, right, ties);
#endif
}

/* As that of ew_swar_m0.h: 6 instructions each, 3 more with ties. */
EW_INLINE void ew_swar_finish(ew_swar_sums *sums, const int32_t *factors, int32_t ties) {
#if defined(__OPTIMIZE__) && defined(__arm__)
    const int32_t bias = factors[0], multiplier = factors[1], add = factors[2], right = factors[3];
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++) {
        const int32_t acc = (int32_t)((uint32_t)sums->of[p] + (uint32_t)bias);
        const int32_t scaled = ew_swar_scale(acc, multiplier, add, right, ties);
        __asm__("ssat %[out], #8, %[in]" : [out] "=r"(sums->of[p]) : [in] "r"(scaled));
    }
#else
    ew_swar_finish_plain(sums, factors, ties);
#endif
}

/* Windows over a plane: what a compiler makes of C is good enough here. */
EW_INLINE void ew_swar_windows(const uint32_t *a, const uint32_t *b, const ew_swar_taps *of,
                               const int32_t *weights, const int16_t *singles, ew_swar_sums *sums) {
    ew_swar_windows_plain(a, b, of, weights, singles, sums);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Two pixels in a word (ew_swar.h) for Armv6-M. */
#ifndef EW_SWAR_M0_H
#define EW_SWAR_M0_H

#include "ew_swar.h"

/* Bytes of a word of weights in the order in which a group takes them: REV16 brings bytes 1 and 2 to the ends. */
#define EW_SWAR_ORDER {0, 3, 1, 2}

/* What is left of one word after a group: both totals. */
#define EW_SWAR_M0_TOTAL(word, low, high, temporary)                                                                   \
    "sxth " temporary ", " word "\n\tadd " low ", " temporary "\n\tasrs " word ", #8\n\tadd " high ", " word "\n\t"

#define EW_SWAR_M0_UPPER(low, high, out, upper)                                                                        \
    "mov " out ", " low "\n\tasrs r3, " out ", #8\n\tmov " upper ", " high "\n\tsubs " upper ", " upper ", r3\n\t"      \
    "adds " upper ", #255\n\tasrs " upper ", #8\n\t"

/*
 * Sums of four pixels by one channel. block: 4 * groups taps of two words, at a multiple of 4; stream: a word of four
 * weights for each group, the number of single taps, and for each of them (its place in bytes from the block's end << 8)
 * + weight. groups > 0, groups + single taps <= 255. Returns the end of the stream. 33 instructions for 16 products.
 *
 * In assembly, because it takes all eight low registers, and totals in high ones, where only additions reach them.
 */
EW_INLINE const uint32_t *ew_swar_dot(const uint32_t *block, const uint32_t *stream, int32_t groups, ew_swar_sums *sums)
{
#if defined(__OPTIMIZE__) && defined(__arm__)
    register const uint32_t *x __asm__("r0") = block;
    register const uint32_t *w __asm__("r1") = stream;
    register const uint32_t *end __asm__("r2") = block + 8 * groups;
    register int32_t s0 __asm__("r4");
    register int32_t s1 __asm__("r5");
    register int32_t s2 __asm__("r6");
    register int32_t s3 __asm__("r7");
    __asm__ volatile(".syntax unified\n\tmov r12, r2\n\t"
                     "movs r3, #0\n\tmov r8, r3\n\tmov r9, r3\n\tmov r10, r3\n\tmov r11, r3\n"
                     "1:\n\t"
                     "ldmia r1!, {r2}\n\t"
                     "ldmia r0!, {r4, r5}\n\tsxtb r3, r2\n\tmuls r4, r3\n\tmuls r5, r3\n\t"
                     "ldmia r0!, {r6, r7}\n\tasrs r3, r2, #24\n\tmuls r6, r3\n\tmuls r7, r3\n\t"
                     "adds r4, r6\n\tadds r5, r7\n\t"
                     "ldmia r0!, {r6, r7}\n\trev16 r2, r2\n\tsxtb r3, r2\n\tmuls r6, r3\n\tmuls r7, r3\n\t"
                     "adds r4, r6\n\tadds r5, r7\n\t"
                     "ldmia r0!, {r6, r7}\n\tasrs r2, #24\n\tmuls r6, r2\n\tmuls r7, r2\n\t"
                     "adds r4, r6\n\tadds r5, r7\n\t" /* clang-format off */
                     EW_SWAR_M0_TOTAL("r4", "r8", "r9", "r6") EW_SWAR_M0_TOTAL("r5", "r10", "r11", "r7")
                     "cmp r0, r12\n\tbne 1b\n\t"
                     "ldmia r1!, {r2}\n\tcmp r2, #0\n\tbeq 3f\n"
                     "2:\n\tmov r12, r2\n\t"
                     "ldmia r1!, {r2}\n\tsxtb r3, r2\n\tasrs r2, #8\n\tadds r2, r2, r0\n\t"
                     "ldmia r2!, {r4, r5}\n\tmuls r4, r3\n\tmuls r5, r3\n\t"
                     EW_SWAR_M0_TOTAL("r4", "r8", "r9", "r6") EW_SWAR_M0_TOTAL("r5", "r10", "r11", "r7")
                     "mov r2, r12\n\tsubs r2, #1\n\tbne 2b\n"
                     "3:\n\t" EW_SWAR_M0_UPPER("r8", "r9", "r4", "r5") EW_SWAR_M0_UPPER("r10", "r11", "r6", "r7")
                     /* clang-format on */
                     : "+r"(x), "+r"(w), "+r"(end), "=r"(s0), "=r"(s1), "=r"(s2), "=r"(s3)
                     :
                     : "r3", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
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

/* The factors of a channel: what the short requantisation of Armv6-M takes. */
typedef struct {
    uint32_t low, high; /* halves of the multiplier */
    int32_t add;        /* (1 << (shift - 2)) + (out_zp << (shift - 1)) + 2^14 */
    int32_t shift;      /* to the right, 2..31, less 1 */
} ew_swar_factors;

EW_INLINE ew_swar_factors ew_swar_unpack(int32_t multiplier, int32_t shift, int32_t out_zp)
{
    const ew_swar_factors f = {(uint32_t)multiplier & 0xFFFFU, (uint32_t)multiplier >> 16,
                               (int32_t)((1U << (shift - 2)) + ((uint32_t)out_zp << (shift - 1)) + (1U << 14)),
                               shift - 1};
    return f;
}

/*
 * acc * multiplier / 2^31 / 2^shift + zero point, rounded twice, without a long multiplication: the upper word of
 * acc * multiplier +- 2^30 from 16-bit halves. Two roundings are one with +2^30 for acc >= 0 and -2^30 below (`ties`;
 * when what is negative is clamped anyway, +2^30 will do). |acc| < 2^24, shift 2..30.
 */
EW_INLINE int32_t ew_swar_requantize(int32_t acc, const ew_swar_factors *f, int32_t ties)
{
    const uint32_t upper = (uint32_t)(acc >> 16), lower = (uint32_t)acc & 0xFFFFU;
    uint32_t middle = ((lower * f->low) >> 16) + lower * f->high + upper * f->low + (1U << 14) - (1U << 30);
    if (ties) {
        middle += (uint32_t)(acc >> 31) << 15;
    }
    return ((int32_t)(upper * f->high + (uint32_t)((int32_t)middle >> 16)) + f->add) >> f->shift;
}

#endif

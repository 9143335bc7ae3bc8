/* SPDX-License-Identifier: Apache-2.0 */
/* Two pixels in a word (ew_swar.h) for Armv6-M. */
#ifndef EW_SWAR_M0_H
#define EW_SWAR_M0_H

#include "ew_swar.h"

/* Assembly needs all eight low registers; Clang keeps R7 for frames, and no option can be asked for
 * here. So there, and where nothing is optimized, the same sums are computed in C. */
#if defined(__OPTIMIZE__) && defined(__arm__) && !defined(__clang__)
#define EW_SWAR_M0_ASM 1
#else
#define EW_SWAR_M0_ASM 0
#endif

/* Bytes of a group in the loops below. */
#define EW_SWAR_GROUP_BYTES 64

/* What is left of one word after a group: both totals. */
#define EW_SWAR_M0_TOTAL(word, low, high, temporary)                                               \
    "sxth " temporary ", " word "\n\tadd " low ", " temporary "\n\tasrs " word ", #8\n\tadd " high \
    ", " word "\n\t"

#define EW_SWAR_M0_UPPER(low, high, out, upper)                                                    \
    "mov " out ", " low "\n\tasrs r3, " out ", #8\n\tmov " upper ", " high "\n\tsubs " upper       \
    ", " upper ", r3\n\t"                                                                          \
    "asrs " upper ", #8\n\t"

#define EW_SWAR_M0_TOTALS                                                                          \
    EW_SWAR_M0_TOTAL("r4", "r8", "r9", "r6") EW_SWAR_M0_TOTAL("r5", "r10", "r11", "r7")
#define EW_SWAR_M0_UPPERS                                                                          \
    EW_SWAR_M0_UPPER("r8", "r9", "r4", "r5") EW_SWAR_M0_UPPER("r10", "r11", "r6", "r7")

/* Multiplier in halves, addend and shift to r8, r9, r10, r12; biases are added. */
#define EW_SWAR_M0_FACTORS                                                                         \
    "ldmia r1!, {r0, r2}\n\tadds r4, r0\n\tadds r5, r0\n\tadds r6, r0\n\tadds r7, r0\n\t"          \
    "uxth r0, r2\n\tmov r8, r0\n\tlsrs r2, #16\n\tmov r9, r2\n\t"                                  \
    "ldmia r1!, {r0, r2}\n\tmovs r3, #1\n\tlsls r3, #14\n\tadd r0, r3\n\tmov r10, r0\n\t"          \
    "mov r12, r2\n\t"

/* An output of a sum, see ew_swar_finish; `centre` holds 2^14 - 2^30. */
#define EW_SWAR_M0_FINISH(acc, done, ties, centre)                                                 \
    ".if " ties " == 0\n\tmovs r0, " acc "\n\tbmi 9f\n\t.endif\n\t"                                \
    "asrs r0, " acc ", #16\n\tuxth " acc ", " acc "\n\t"                                           \
    "mov r2, r8\n\tmovs r3, r2\n\tmuls r3, " acc                                                   \
    "\n\tlsrs r3, #16\n\t" /* the halves' products in the middle */                                \
    "muls r2, r0\n\tadds r3, r2\n\tmov r2, r9\n\tmuls " acc ", r2\n\tadds r3, " acc                \
    "\n\tadd r3, " centre "\n\t"                                                                   \
    ".if " ties "\n\tasrs " acc ", r0, #31\n\tlsls " acc ", #15\n\tadds r3, " acc "\n\t.endif\n\t" \
    "asrs r3, #16\n\tmuls r0, r2\n\tadds r0, r3\n\tadd r0, r10\n\tmov r2, r12\n\tasrs r0, r2\n\t"  \
    "sxtb " acc ", r0\n\tcmp " acc ", r0\n\tbeq " done "f\n\t"                                     \
    "9:\n\tasrs r0, #31\n\tmovs " acc ", #127\n\teors " acc ", r0\n" done ":\n\t"

/* clang-format off */
/* 32 instructions for 16 products. r0 block, r1 stream; REV16 brings bytes 1 and 2 of a word of weights to its ends. */
#define EW_SWAR_M0_GROUP                                                                           \
    "ldmia r1!, {r2}\n\t"                                                                          \
    "ldmia r0!, {r4, r5}\n\tsxtb r3, r2\n\tmuls r4, r3\n\tmuls r5, r3\n\t"                         \
    "ldmia r0!, {r6, r7}\n\tasrs r3, r2, #24\n\tmuls r6, r3\n\tmuls r7, r3\n\t"                    \
    "adds r4, r6\n\tadds r5, r7\n\t"                                                               \
    "ldmia r0!, {r6, r7}\n\trev16 r2, r2\n\tsxtb r3, r2\n\tmuls r6, r3\n\tmuls r7, r3\n\t"         \
    "adds r4, r6\n\tadds r5, r7\n\t"                                                               \
    "ldmia r0!, {r6, r7}\n\tasrs r2, #24\n\tmuls r6, r2\n\tmuls r7, r2\n\t"                        \
    "adds r4, r6\n\tadds r5, r7\n\t"                                                               \
    EW_SWAR_M0_TOTALS

#define EW_SWAR_M0_BEGIN                                                                           \
    "movs r3, #0\n\tmov r8, r3\n\tmov r10, r3\n\tmovs r3, #255\n\tmov r9, r3\n\tmov r11, r3\n\t"

#define EW_SWAR_M0_SINGLES                                                                         \
    "ldmia r1!, {r2}\n\tcmp r2, #0\n\tbeq 25f\n"                                                   \
    "24:\n\tmov r12, r2\n\t"                                                                       \
    "ldmia r1!, {r2}\n\tsxtb r3, r2\n\tasrs r2, #8\n\tadds r2, r2, r0\n\t"                         \
    "ldmia r2!, {r4, r5}\n\tmuls r4, r3\n\tmuls r5, r3\n\t"                                        \
    EW_SWAR_M0_TOTALS                                                                              \
    "mov r2, r12\n\tsubs r2, #1\n\tbne 24b\n"                                                      \
    "25:\n\t" EW_SWAR_M0_UPPERS

#define EW_SWAR_M0_PUSH                                                                            \
    ".syntax unified\n\tpush {r4-r7, lr}\n\tmov r4, r8\n\tmov r5, r9\n\tmov r6, r10\n\tmov r7, r11\n\t" \
    "push {r4-r7}\n\t"
#define EW_SWAR_M0_POP                                                                             \
    "pop {r4-r7}\n\tmov r8, r4\n\tmov r9, r5\n\tmov r10, r6\n\tmov r11, r7\n\tpop {r4-r7, pc}"

/* Stack: block, its end, bytes to skip, out, steps of three pixels, end of out. */
#define EW_SWAR_M0_BLOCK(TIES)                                                                     \
    EW_SWAR_M0_PUSH                                                                                \
    "sub sp, #32\n\tmov r7, sp\n\tldmia r0!, {r1, r2, r3, r4}\n\tstmia r7!, {r1, r2, r3}\n\t"      \
    "ldmia r0!, {r1, r2, r3, r5, r6}\n\tstmia r7!, {r1, r2, r3, r5, r6}\n\tmov r1, r4\n\t"         \
    "movs r3, #1\n\tlsls r3, #14\n\tlsls r0, r3, #16\n\tsubs r3, r0\n\tmov lr, r3\n"               \
    "21:\n\tldr r0, [sp]\n\tldr r2, [sp, #4]\n\tmov r12, r2\n\t"                                   \
    EW_SWAR_M0_BEGIN                                                                               \
    "ldr r3, [sp, #8]\n\tadd pc, r3\n\tnop\n"                                                      \
    "22:\n\t"                                                                                      \
    EW_SWAR_M0_GROUP EW_SWAR_M0_GROUP EW_SWAR_M0_GROUP EW_SWAR_M0_GROUP                            \
    "cmp r0, r12\n\tbeq 23f\n\tb 22b\n23:\n\t"                                                     \
    EW_SWAR_M0_SINGLES                                                                             \
    EW_SWAR_M0_FACTORS                                                                             \
    EW_SWAR_M0_FINISH("r4", "1", TIES, "lr") EW_SWAR_M0_FINISH("r5", "2", TIES, "lr")              \
    EW_SWAR_M0_FINISH("r6", "3", TIES, "lr") EW_SWAR_M0_FINISH("r7", "4", TIES, "lr")              \
    "ldr r0, [sp, #12]\n\tldr r2, [sp, #24]\n\tstrb r7, [r0, r2]\n\t"                              \
    "ldr r2, [sp, #20]\n\tstrb r6, [r0, r2]\n\tldr r2, [sp, #16]\n\tstrb r5, [r0, r2]\n\t"         \
    "strb r4, [r0]\n\tadds r0, #1\n\tstr r0, [sp, #12]\n\tldr r2, [sp, #28]\n\t"                   \
    "cmp r0, r2\n\tbeq 26f\n\tb 21b\n26:\n\tadd sp, #32\n\t"                                       \
    EW_SWAR_M0_POP
/* clang-format on */

/* Every register that there is holds something; about 145 instructions a channel and 32 a group. */
EW_ASM void ew_swar_block(const ew_swar_block_of *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M0_BLOCK("0"));
}

/* For layers whose halves below zero matter. */
EW_ASM void ew_swar_block_ties(const ew_swar_block_of *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M0_BLOCK("1"));
}

/* One channel, group by group: for the layers that ew_swar_block cannot do. */
EW_ASM const uint32_t *ew_swar_dot(const ew_swar_block_of *of EW_UNUSED,
                                   ew_swar_sums *sums EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M0_PUSH
                "push {r1}\n\tldmia r0!, {r4, r5, r6, r7}\n\tmov r0, r4\n\tmov r12, r5\n\t"
                "mov r1, r7\n\t" EW_SWAR_M0_BEGIN "22:\n\t" EW_SWAR_M0_GROUP
                "cmp r0, r12\n\tbne 22b\n\t" EW_SWAR_M0_SINGLES
                "pop {r0}\n\tstmia r0!, {r4, r5, r6, r7}\n\tmov r0, r1\n\t" EW_SWAR_M0_POP);
}

/*
 * `count` values of each of four pixels to a block: words of pixels 0 and 1, and 2 and 3, in turn.
 * In assembly, for the eight values that it takes fill the low registers. 12 instructions for two
 * words.
 */
EW_INLINE uint32_t *ew_swar_widen(uint32_t *block, const int8_t *const from[4], int32_t count) {
#if EW_SWAR_M0_ASM
    register const int8_t *p0 __asm__("r0") = from[0] + count;
    register const int8_t *p1 __asm__("r1") = from[1] + count;
    register const int8_t *p2 __asm__("r2") = from[2] + count;
    register const int8_t *p3 __asm__("r3") = from[3] + count;
    register int32_t i __asm__("r4") = -count;
    register uint32_t *to __asm__("r5") = block;
    __asm__ volatile(
        ".syntax unified\n"
        "1:\n\tldrsb r6, [r1, r4]\n\tldrsb r7, [r0, r4]\n\tlsls r6, #16\n\tadds r6, r7\n\t"
        "stmia r5!, {r6}\n\t"
        "ldrsb r6, [r3, r4]\n\tldrsb r7, [r2, r4]\n\tlsls r6, #16\n\tadds r6, r7\n\t"
        "stmia r5!, {r6}\n\tadds r4, #1\n\tbne 1b"
        : "+r"(p0), "+r"(p1), "+r"(p2), "+r"(p3), "+r"(i), "+r"(to)
        :
        : "r6", "r7", "cc", "memory");
    return to;
#else
    return ew_swar_widen_plain(block, from, count);
#endif
}

/* A tap of two windows: the first of a run, and one that is added. */
#define EW_SWAR_M0_LOAD(x, y)                                                                      \
    "ldmia r2!, {r3}\n\tldmia r0!, {" x "}\n\tldmia r1!, {" y "}\n\tmuls " x ", r3\n\tmuls " y     \
    ", r3\n\t"                                                                                     \
    ".if %c[gap]\n\tadds r0, #%c[gap]\n\tadds r1, #%c[gap]\n\t.endif\n\t"
#define EW_SWAR_M0_MORE EW_SWAR_M0_LOAD("r6", "r7") "adds r4, r6\n\tadds r5, r7\n\t"
#define EW_SWAR_M0_RUN(more)                                                                       \
    EW_SWAR_M0_LOAD("r4", "r5") ".rept " more "\n\t" EW_SWAR_M0_MORE ".endr\n\t" EW_SWAR_M0_TOTALS

/* clang-format off */
#define EW_SWAR_M0_WINDOWS                                                                         \
    ".syntax unified\n\tmov lr, r3\n\tmov r12, r4\n\t"                                             \
    "movs r3, #0\n\tmov r8, r3\n\tmov r10, r3\n\tmovs r3, #255\n\tmov r9, r3\n\tmov r11, r3\n\t"   \
    ".rept %c[k_h]\n\t"                                                                            \
    ".rept %c[k_w] / %c[run]\n\t" EW_SWAR_M0_RUN("%c[run] - 1") ".endr\n\t"                        \
    ".if %c[k_w] %% %c[run]\n\t" EW_SWAR_M0_RUN("%c[k_w] %% %c[run] - 1") ".endif\n\t"             \
    "add r0, r12\n\tadd r1, r12\n\t"                                                               \
    ".endr\n\t"                                                                                    \
    "mov r2, lr\n\tldrh r3, [r2]\n\tadds r2, #2\n\tcmp r3, #0\n\tbeq 2f\n"                         \
    "1:\n\tmov lr, r3\n\tmovs r3, #0\n\tldrsh r3, [r2, r3]\n\tlsls r3, #2\n\t"                     \
    "ldr r4, [r0, r3]\n\tldr r5, [r1, r3]\n\t"                                                     \
    "movs r3, #2\n\tldrsh r3, [r2, r3]\n\tadds r2, #4\n\tmuls r4, r3\n\tmuls r5, r3\n\t"           \
    EW_SWAR_M0_TOTALS                                                                              \
    "mov r3, lr\n\tsubs r3, #1\n\tbne 1b\n"                                                        \
    "2:\n\t" EW_SWAR_M0_UPPERS
/* clang-format on */

/* Windows over a plane; see ew_swar_windows_plain. k_h and k_w are unrolled; step <= 64. 7
 * instructions a tap and word. */
EW_INLINE void ew_swar_windows(const uint32_t *a, const uint32_t *b, const ew_swar_taps *of,
                               const int32_t *weights, const int16_t *singles, ew_swar_sums *sums) {
#if EW_SWAR_M0_ASM
    register const uint32_t *x __asm__("r0") = a;
    register const uint32_t *y __asm__("r1") = b;
    register const int32_t *w __asm__("r2") = weights;
    register const int16_t *more __asm__("r3") = singles;
    register int32_t s0 __asm__("r4") = 4 * (of->row - of->k_w * of->step);
    register int32_t s1 __asm__("r5");
    register int32_t s2 __asm__("r6");
    register int32_t s3 __asm__("r7");
#define EW_SWAR_M0_WINDOWS_OF(lines)                                                               \
    __asm__ volatile(EW_SWAR_M0_WINDOWS lines                                                      \
                     : "+r"(x), "+r"(y), "+r"(w), "+r"(more), "+r"(s0), "=r"(s1), "=r"(s2),        \
                       "=r"(s3)                                                                    \
                     : [k_h] "i"(of->k_h), [k_w] "i"(of->k_w), [run] "i"(of->run),                 \
                       [gap] "i"(4 * (of->step - 1))                                               \
                     : "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory")
    /* words, at most: nine instructions a tap, eight a run, two a row */
    const int32_t words = of->k_h * (5 * of->k_w + 4 * ((of->k_w + of->run - 1) / of->run) + 1);
    if (words <= 80) {
        EW_SWAR_M0_WINDOWS_OF("");
    } else if (words <= 140) {
        EW_SWAR_M0_WINDOWS_OF(EW_LINES_64);
    } else if (words <= 300) {
        EW_SWAR_M0_WINDOWS_OF(EW_LINES_256);
    } else {
        EW_SWAR_M0_WINDOWS_OF(EW_LINES_1024 EW_LINES_256);
    }
    sums->of[0] = s0;
    sums->of[1] = s1;
    sums->of[2] = s2;
    sums->of[3] = s3;
#else
    ew_swar_windows_plain(a, b, of, weights, singles, sums);
#endif
}

/* One sum with its bias, as ew_swar_finish makes an output of it; not saturated. In halves of
 * words, as there. */
EW_INLINE int32_t ew_swar_scale(int32_t acc, int32_t multiplier, int32_t add, int32_t right,
                                int32_t ties) {
    const uint32_t low = (uint32_t)acc & 0xFFFF, m_low = (uint32_t)multiplier & 0xFFFF;
    const uint32_t high = (uint32_t)(acc >> 16), m_high = (uint32_t)multiplier >> 16;
    uint32_t middle = (low * m_low >> 16) + high * m_low + low * m_high;
    middle -= (1U << 30) - (1U << 14); /* so that it fits; and one half */
    if (ties) {
        middle += (uint32_t)(acc >> 31) << 15;
    }
    const uint32_t upper = high * m_high + (uint32_t)((int32_t)middle >> 16) + (1U << 14);
    return ((int32_t)upper + add) >> right;
}

/*
 * sums + bias, times multiplier / 2^31 / 2^shift, rounded twice, plus the output's zero point, and
 * saturated to int8. factors: bias; multiplier; (1 << (shift - 2)) + (zero point << (shift - 1));
 * shift - 1.
 *
 * There is no long multiplication: the upper word of acc * multiplier +- 2^30 comes from 16-bit
 * halves. Two roundings are one with +2^30 for acc >= 0 and -2^30 below (`ties`, a constant; when
 * what is negative is clamped anyway, +2^30 will do). |acc| < 2^29, shift 2..24. 22 instructions
 * each, 3 more with ties and 3 for a value that is saturated.
 */
#if EW_SWAR_M0_ASM

EW_INLINE void ew_swar_finish(ew_swar_sums *sums, const int32_t *factors, int32_t ties) {
    register const int32_t *f __asm__("r1") = factors;
    register int32_t s0 __asm__("r4") = sums->of[0];
    register int32_t s1 __asm__("r5") = sums->of[1];
    register int32_t s2 __asm__("r6") = sums->of[2];
    register int32_t s3 __asm__("r7") = sums->of[3];
    __asm__ volatile(".syntax unified\n\t" EW_SWAR_M0_FACTORS
                     "lsls r0, r3, #16\n\tsubs r3, r0\n\tmov r11, r3\n\t" /* clang-format off */
        EW_SWAR_M0_FINISH("r4", "1", "%c[ties]", "r11") EW_SWAR_M0_FINISH("r5", "2", "%c[ties]", "r11")
        EW_SWAR_M0_FINISH("r6", "3", "%c[ties]", "r11") EW_SWAR_M0_FINISH("r7", "4", "%c[ties]", "r11") /* clang-format on */
                     : "+r"(f), "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3)
                     : [ties] "i"(ties)
                     : "r0", "r2", "r3", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
    sums->of[0] = s0;
    sums->of[1] = s1;
    sums->of[2] = s2;
    sums->of[3] = s3;
}

#else

EW_INLINE void ew_swar_finish(ew_swar_sums *sums, const int32_t *factors, int32_t ties) {
    ew_swar_finish_plain(sums, factors, ties);
}

#endif
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Two pixels in a word (ew_swar.h) for Armv7-M without DSP instructions. */
#ifndef EW_SWAR_M3_H
#define EW_SWAR_M3_H

#include "ew_swar.h"

/*
 * Here 2^15 is added to every word, so that its lower half is no sum with a sign, and takes nothing
 * from the upper one, which is exact: high += the word >> 16, low += the word. After all groups
 * low - (high << 16) is the sum of p0 * w and 2^15 for each word, modulo 2^32, all that counts.
 */

/* Bytes of a group in the loops below. */
#define EW_SWAR_GROUP_BYTES 64

/* clang-format off */
#define EW_SWAR_M3_TOTALS                              \
    "add    r11, r11, r8, asr #16             \n\t"    \
    "add    r10, r10, r8                      \n\t"    \
    "add    lr, lr, r9, asr #16               \n\t"    \
    "add    r12, r12, r9                      \n\t"

/* 18 instructions for 16 products. r0 block, r1 stream, r2 2^15, r10, r12 low, r11, lr high. */
#define EW_SWAR_M3_GROUP                               \
    "ldmia  r0!, {r3, r4, r5, r6}            \n\t"    \
    "ldrsb  r7, [r1], #1                     \n\t"    \
    "mla    r8, r3, r7, r2                    \n\t"    \
    "mla    r9, r4, r7, r2                    \n\t"    \
    "ldrsb  r7, [r1], #1                     \n\t"    \
    "mla    r8, r5, r7, r8                    \n\t"    \
    "mla    r9, r6, r7, r9                    \n\t"    \
    "ldmia  r0!, {r3, r4, r5, r6}            \n\t"    \
    "ldrsb  r7, [r1], #1                     \n\t"    \
    "mla    r8, r3, r7, r8                    \n\t"    \
    "mla    r9, r4, r7, r9                    \n\t"    \
    "ldrsb  r7, [r1], #1                     \n\t"    \
    "mla    r8, r5, r7, r8                    \n\t"    \
    "mla    r9, r6, r7, r9                    \n\t"    \
    EW_SWAR_M3_TOTALS

/* r10 is less by 2^15 for each group. */
#define EW_SWAR_M3_BEGIN                               \
    "mov    r12, r10                          \n\t"    \
    "mov    r11, #0                           \n\t"    \
    "mov    lr, #0                            \n\t"

/* The single taps; then r10, r12 sums of pixels 0 and 2, r11, lr of 1 and 3. */
#define EW_SWAR_M3_SINGLES                             \
    "ldr    r6, [r1], #4                      \n\t"    \
    "cbz    r6, 5f                            \n"      \
    "4:                                       \n\t"    \
    "ldr    r7, [r1], #4                      \n\t"    \
    "add    r3, r0, r7, asr #8                \n\t"    \
    "sxtb   r7, r7                            \n\t"    \
    "ldrd   r4, r5, [r3]                      \n\t"    \
    "mla    r8, r4, r7, r2                    \n\t"    \
    "mla    r9, r5, r7, r2                    \n\t"    \
    EW_SWAR_M3_TOTALS                                  \
    "sub    r10, r10, r2                      \n\t"    \
    "sub    r12, r12, r2                      \n\t"    \
    "subs   r6, r6, #1                        \n\t"    \
    "bne    4b                                \n"      \
    "5:                                       \n\t"    \
    "sub    r10, r10, r11, lsl #16            \n\t"    \
    "sub    r12, r12, lr, lsl #16             \n\t"

/* An output: r2 multiplier, r3 addend. */
#define EW_SWAR_M3_END(START, acc, shift, place)              \
    START(acc)                                         \
    "smlal  r9, r0, " acc ", r2               \n\t"    \
    "asr    r0, r0, " shift "                 \n\t"    \
    "ssat   r0, #8, r0                        \n\t"    \
    "strb   r0, " place "                     \n\t"
#define EW_SWAR_M3_HALF(acc)                           \
    "mov    r9, #0x40000000                   \n\t"    \
    "mov    r0, r3                            \n\t"
#define EW_SWAR_M3_TIES(acc)                           \
    "and    r9, " acc ", #0x80000000          \n\t"    \
    "orr    r9, r9, #0x40000000               \n\t"    \
    "add    r0, r3, " acc ", asr #31          \n\t"

/* Stack: 0 block, 2^15, bytes to skip, the first r10; 16 out, steps of three pixels, end of out; 36
   end of block. */
#define EW_SWAR_M3_BLOCK(START)                        \
    "push   {r4-r11, lr}                      \n\t"    \
    "sub    sp, sp, #40                       \n\t"    \
    "ldr    r8, [r0, #32]                     \n\t"    \
    "ldm    r0, {r0-r7}                       \n\t"    \
    "add    r12, sp, #16                      \n\t"    \
    "stm    r12, {r4-r8}                      \n\t"    \
    "str    r1, [sp, #36]                     \n\t"    \
    "sub    r4, r0, r1                        \n\t"    \
    "lsl    r4, r4, #10                       \n\t"    \
    "mov    r1, #0x8000                       \n\t"    \
    "stm    sp, {r0, r1, r2, r4}              \n\t"    \
    "mov    r1, r3                            \n"      \
    "1:                                       \n\t"    \
    "ldm    sp, {r0, r2, r7, r10}             \n\t"    \
    EW_SWAR_M3_BEGIN                                   \
    "add    pc, r7                            \n\t"    \
    "nop                                      \n"      \
    "2:                                       \n\t"    \
    EW_SWAR_M3_GROUP EW_SWAR_M3_GROUP EW_SWAR_M3_GROUP EW_SWAR_M3_GROUP \
    "ldr    r3, [sp, #36]                     \n\t"    \
    "cmp    r0, r3                            \n\t"    \
    "bne.w  2b                                \n\t"    \
    EW_SWAR_M3_SINGLES                                 \
    "ldmia  r1!, {r0, r2, r3, r7}             \n\t"    \
    "add    r4, sp, #16                       \n\t"    \
    "ldm    r4, {r4, r5, r6, r8}              \n\t"    \
    "add    r10, r10, r0                      \n\t"    \
    "add    r11, r11, r0                      \n\t"    \
    "add    r12, r12, r0                      \n\t"    \
    "add    lr, lr, r0                        \n\t"    \
    EW_SWAR_M3_END(START, "lr", "r7", "[r4, r8]")            \
    EW_SWAR_M3_END(START, "r12", "r7", "[r4, r6]")           \
    EW_SWAR_M3_END(START, "r11", "r7", "[r4, r5]")           \
    EW_SWAR_M3_END(START, "r10", "r7", "[r4], #1")           \
    "str    r4, [sp, #16]                     \n\t"    \
    "ldr    r9, [sp, #32]                     \n\t"    \
    "cmp    r4, r9                            \n\t"    \
    "bne.w  1b                                \n\t"    \
    "add    sp, sp, #40                       \n\t"    \
    "pop    {r4-r11, pc}                      \n\t"
/* clang-format on */

/* Every register that there is holds something; about 47 instructions a channel and 18 a group. */
EW_ASM void ew_swar_block(const ew_swar_block_of *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_BLOCK(EW_SWAR_M3_HALF));
}

/* For layers whose halves below zero matter. */
EW_ASM void ew_swar_block_ties(const ew_swar_block_of *of EW_UNUSED) {
    EW_ASM_BODY(EW_SWAR_M3_BLOCK(EW_SWAR_M3_TIES));
}

/* One channel, group by group: for the layers that ew_swar_block cannot do. */
EW_ASM const uint32_t *ew_swar_dot(const ew_swar_block_of *of EW_UNUSED,
                                   ew_swar_sums *sums EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push   {r1, r4-r11, lr}                  \n\t"
        "ldm    r0, {r0-r3}                       \n\t"
        "push   {r1}                              \n\t"
        "sub    r10, r0, r1                       \n\t"
        "lsl    r10, r10, #10                     \n\t"
        "mov    r1, r3                            \n\t"
        "mov    r2, #0x8000                       \n\t"
        EW_SWAR_M3_BEGIN
        "2:                                       \n\t"
        EW_SWAR_M3_GROUP
        "ldr    r3, [sp]                          \n\t"
        "cmp    r0, r3                            \n\t"
        "bne    2b                                \n\t"
        EW_SWAR_M3_SINGLES
        "pop    {r2, r3}                          \n\t"
        "stm    r3, {r10, r11, r12, lr}           \n\t"
        "mov    r0, r1                            \n\t"
        "pop    {r4-r11, pc}                      \n\t");
    /* clang-format on */
}

/* clang-format off */
#define EW_SWAR_M3_WIDEN                  \
    "ldrsb  r6, [%[p1]], #1        \n\t"  \
    "ldrsb  r7, [%[p0]], #1        \n\t"  \
    "add    r6, r7, r6, lsl #16    \n\t"  \
    "ldrsb  r7, [%[p3]], #1        \n\t"  \
    "ldrsb  r8, [%[p2]], #1        \n\t"  \
    "add    r7, r8, r7, lsl #16    \n\t"  \
    "strd   r6, r7, [%[to]], #8    \n\t"
/* clang-format on */

/* `count` values of each of four pixels to a block: words of pixels 0 and 1, and 2 and 3, in turn.
 * In assembly, for compilers step through it one by one; 16 instructions for four words. */
EW_INLINE uint32_t *ew_swar_widen(uint32_t *block, const int8_t *const from[4], int32_t count) {
    const int8_t *p0 = from[0], *p1 = from[1], *p2 = from[2], *p3 = from[3];
    const uint32_t *const end = block + 2 * count;
    __asm__ volatile(
        "lsls   r6, %[count], #31      \n\t"
        "beq    2f                     \n"
        "1:                            \n\t" EW_SWAR_M3_WIDEN "2:                            \n\t"
        "cmp    %[to], %[end]          \n\t"
        "beq    3f                     \n\t" EW_SWAR_M3_WIDEN "b      1b                     \n"
        "3:                            \n\t"
        : [p0] "+&r"(p0), [p1] "+&r"(p1), [p2] "+&r"(p2), [p3] "+&r"(p3), [to] "+&r"(block)
        : [count] "r"(count), [end] "r"(end)
        : "r6", "r7", "r8", "cc", "memory");
    return block;
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

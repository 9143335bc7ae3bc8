/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core of convolution for DSP cores: four pixels by two output channels at a time.
 *
 * A block holds the windows of four pixels as int16. Four values k..k+3 of each pixel are eight
 * words: (k, k+2) of pixel 0, 1, 2, 3, then (k+1, k+3) of pixel 0, 1, 2, 3 which is what SXTB16
 * makes of words of int8. `quads` of these follow each other.
 *
 * The stream holds all that the weights are, in the order in which it is read, for each pair of
 * channels (lo, hi): bias of lo; 256 * bias of hi + bias of lo for each quad two words of halfwords
 * 256 * w[hi] + w[lo]: (k, k+2), then (k+1, k+3) multiplier, constant, place of hi; the same of lo
 * place: shift | (offset in the output pixel) << 8 One SMLAD with such a word adds up 256 * hi +
 * lo, one with its SXTB16 lo alone: SXTB16 costs half of what it costs when each channel has words
 * of its own. At the end hi = (sum - lo) / 256, exact modulo 2^24. What the compiler sees to: |hi|
 * < 2^23, halfwords within int16, |lo| < 2^30; input offset folded into the biases; hi is stored
 * before lo, so that a channel that finds no partner can be given a `hi` that is overwritten.
 *
 * Requantisation is gemmlowp's, with its two roundings. `linear`:
 *     constant = 2^(shift - 1) + (zero point << shift), shift 1..30
 *     y = (SMMLAR(2 * sum, multiplier, constant + (sum >> 31)) >> shift, saturated to int8
 * sum >> 31 rounds halves away from zero. `relu`, where results below the zero point are clamped
 * and shifts are 5..11: s = 13 - shift; constant = 2^(s - 2) + 2^11 + (zero point << 12) y =
 * SMMLA(sum << s, multiplier, constant) >> 12, saturated to int8 The two roundings are nested
 * floors, and so one floor of one sum; the shift is part of SSAT. The place of hi then holds 8 - s,
 * the shift to the right of 256 * hi, and that of lo holds s.
 *
 * Instructions of the inner loop: 12 for 16 multiplications (LDRD, LDR, LDRD, SXTB16, 8 SMLAD), 3
 * for each 8 turns.
 */
#ifndef EW_DSP_GEMM_H
#define EW_DSP_GEMM_H

#include "ew_dsp.h"

typedef struct {
    const int16_t *block;
    int32_t block_bytes; /* 32 * quads, quads >= 1 */
    int8_t *out;         /* pixel 0 */
    int32_t out_step;    /* bytes from a pixel to the next */
    const int32_t *stream;
    const int32_t *stream_end;
} ew_dsp_gemm;

/* One pair of values of four pixels: 48 bytes of code, each instruction 4. */
/* clang-format off */
#define EW_DSP_GEMM_STEP                          \
    "ldrd   r2, r3, [r0], #8          \n\t"       \
    "ldr.w  r12, [r1], #4             \n\t"       \
    "smlad  r8, r2, r12, r8           \n\t"       \
    "smlad  r9, r3, r12, r9           \n\t"       \
    "sxtb16 lr, r12                   \n\t"       \
    "smlad  r4, r2, lr, r4            \n\t"       \
    "smlad  r5, r3, lr, r5            \n\t"       \
    "ldrd   r2, r3, [r0], #8          \n\t"       \
    "smlad  r10, r2, r12, r10         \n\t"       \
    "smlad  r11, r3, r12, r11         \n\t"       \
    "smlad  r6, r2, lr, r6            \n\t"       \
    "smlad  r7, r3, lr, r7            \n\t"

/* Ends of a channel; r2 multiplier, r3 constant, r12 shift. `relu`: hi >> (8 - s), lo << s, then 4 instructions. */
#define EW_DSP_GEMM_HI_RELU(hi, lo)               \
    "sub    " hi ", " hi ", " lo "    \n\t"       \
    "asr    " hi ", " hi ", r12       \n\t"       \
    "smmla  " hi ", " hi ", r2, r3    \n\t"       \
    "ssat   " hi ", #8, " hi ", asr #12 \n\t"
#define EW_DSP_GEMM_LO_RELU(lo)                   \
    "lsl    " lo ", " lo ", r12       \n\t"       \
    "smmla  " lo ", " lo ", r2, r3    \n\t"       \
    "ssat   " lo ", #8, " lo ", asr #12 \n\t"
#define EW_DSP_GEMM_FINISH(acc)                   \
    "add    lr, r3, " acc ", asr #31  \n\t"       \
    "smmlar " acc ", " acc ", r2, lr  \n\t"       \
    "asr    " acc ", " acc ", r12     \n\t"       \
    "ssat   " acc ", #8, " acc "      \n\t"
#define EW_DSP_GEMM_HI_LINEAR(hi, lo)             \
    "sub    " hi ", " hi ", " lo "    \n\t"       \
    "asr    " hi ", " hi ", #7        \n\t" EW_DSP_GEMM_FINISH(hi)
#define EW_DSP_GEMM_LO_LINEAR(lo)                 \
    "lsl    " lo ", " lo ", #1        \n\t" EW_DSP_GEMM_FINISH(lo)

/* Stack: block, its end, entry into the loop, out, out_step, stream_end. r0 block, r1 stream, r4-r7 lo, r8-r11 hi. */
#define EW_DSP_GEMM_BODY(HI, LO)                                                      \
    "push   {r4-r11, lr}              \n\t"                                           \
    "sub    sp, sp, #28               \n\t"                                           \
    "ldm    r0, {r0-r5}               \n\t"                                           \
    "lsr    r6, r1, #4                \n\t" /* turns of the loop; the first round */  \
    "rsb    r6, r6, #0                \n\t" /* skips those that are over a        */  \
    "and    r6, r6, #15                \n\t" /* multiple of 16                     */ \
    "add    r6, r6, r6, lsl #1        \n\t"                                           \
    "adr.w  r7, 2f + 1                \n\t"                                           \
    "add    r6, r7, r6, lsl #4        \n\t"                                           \
    "add    r1, r0, r1                \n\t"                                           \
    "strd   r0, r1, [sp]              \n\t"                                           \
    "strd   r6, r2, [sp, #8]          \n\t"                                           \
    "strd   r3, r5, [sp, #16]         \n\t"                                           \
    "mov    r1, r4                    \n"                                             \
    "1:                               \n\t"                                           \
    "ldrd   r4, r8, [r1], #8          \n\t"                                           \
    "ldr    r0, [sp]                  \n\t"                                           \
    "mov    r5, r4                    \n\t"                                           \
    "mov    r6, r4                    \n\t"                                           \
    "mov    r7, r4                    \n\t"                                           \
    "mov    r9, r8                    \n\t"                                           \
    "mov    r10, r8                   \n\t"                                           \
    "mov    r11, r8                   \n\t"                                           \
    "ldr    pc, [sp, #8]              \n"                                             \
    "2:                               \n\t"                                           \
    EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP               \
    EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP               \
    EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP               \
    EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP EW_DSP_GEMM_STEP               \
    "ldr    r2, [sp, #4]              \n\t"                                           \
    "cmp    r0, r2                    \n\t"                                           \
    "bne.w  2b                        \n\t"                                           \
    "ldr    r0, [sp, #12]             \n\t"                                           \
    "ldm    r1!, {r2, r3, r12}        \n\t"                                           \
    "add    r0, r0, r12, lsr #8       \n\t"                                           \
    HI("r8", "r4")                                                                    \
    "strb   r8, [r0]                  \n\t"                                           \
    "ldr    r8, [sp, #16]             \n\t"                                           \
    HI("r9", "r5")                                                                    \
    "strb   r9, [r0, r8]              \n\t"                                           \
    HI("r10", "r6")                                                                   \
    "strb   r10, [r0, r8, lsl #1]     \n\t"                                           \
    HI("r11", "r7")                                                                   \
    "add    r0, r0, r8                \n\t"                                           \
    "strb   r11, [r0, r8, lsl #1]     \n\t"                                           \
    "ldr    r0, [sp, #12]             \n\t"                                           \
    "ldm    r1!, {r2, r3, r12}        \n\t"                                           \
    "add    r0, r0, r12, lsr #8       \n\t"                                           \
    LO("r4")                                                                          \
    "strb   r4, [r0]                  \n\t"                                           \
    LO("r5")                                                                          \
    "strb   r5, [r0, r8]              \n\t"                                           \
    LO("r6")                                                                          \
    "strb   r6, [r0, r8, lsl #1]      \n\t"                                           \
    LO("r7")                                                                          \
    "add    r0, r0, r8                \n\t"                                           \
    "strb   r7, [r0, r8, lsl #1]      \n\t"                                           \
    "ldr    r2, [sp, #20]             \n\t"                                           \
    "cmp    r1, r2                    \n\t"                                           \
    "bne.w  1b                        \n\t"                                           \
    "add    sp, sp, #28               \n\t"                                           \
    "pop    {r4-r11, pc}              \n\t"

/* The same for pixel 0 alone, which is all that an odd number of pixels leaves: 11 instructions for 8 multiplications.
   Stack: block, its end, out, stream_end. r0 block, r1 stream, r4 lo, r8 hi. */
#define EW_DSP_GEMM_ONE_BODY(HI, LO)              \
    "push   {r4-r8, lr}               \n\t"       \
    "sub    sp, sp, #16               \n\t"       \
    "ldm    r0, {r0-r5}               \n\t"       \
    "add    r1, r0, r1                \n\t"       \
    "strd   r0, r1, [sp]              \n\t"       \
    "strd   r2, r5, [sp, #8]          \n\t"       \
    "mov    r1, r4                    \n"         \
    "1:                               \n\t"       \
    "ldrd   r4, r8, [r1], #8          \n\t"       \
    "ldrd   r0, r5, [sp]              \n"         \
    "2:                               \n\t"       \
    "ldrd   r2, r3, [r1], #8          \n\t"       \
    "ldr    r6, [r0], #16             \n\t"       \
    "ldr    r7, [r0], #16             \n\t"       \
    "smlad  r8, r6, r2, r8            \n\t"       \
    "sxtb16 r2, r2                    \n\t"       \
    "smlad  r4, r6, r2, r4            \n\t"       \
    "smlad  r8, r7, r3, r8            \n\t"       \
    "sxtb16 r3, r3                    \n\t"       \
    "smlad  r4, r7, r3, r4            \n\t"       \
    "cmp    r0, r5                    \n\t"       \
    "bne    2b                        \n\t"       \
    "ldrd   r5, r6, [sp, #8]          \n\t"       \
    "ldm    r1!, {r2, r3, r12}        \n\t"       \
    HI("r8", "r4")                                \
    "add    r0, r5, r12, lsr #8       \n\t"       \
    "strb   r8, [r0]                  \n\t"       \
    "ldm    r1!, {r2, r3, r12}        \n\t"       \
    LO("r4")                                      \
    "add    r0, r5, r12, lsr #8       \n\t"       \
    "strb   r4, [r0]                  \n\t"       \
    "cmp    r1, r6                    \n\t"       \
    "bne    1b                        \n\t"       \
    "add    sp, sp, #16               \n\t"       \
    "pop    {r4-r8, pc}               \n\t"
/* clang-format on */

EW_ASM void ew_dsp_gemm_relu(const ew_dsp_gemm *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_BODY(EW_DSP_GEMM_HI_RELU, EW_DSP_GEMM_LO_RELU));
}

EW_ASM void ew_dsp_gemm_linear(const ew_dsp_gemm *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_BODY(EW_DSP_GEMM_HI_LINEAR, EW_DSP_GEMM_LO_LINEAR));
}

EW_ASM void ew_dsp_gemm_one_relu(const ew_dsp_gemm *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_ONE_BODY(EW_DSP_GEMM_HI_RELU, EW_DSP_GEMM_LO_RELU));
}

EW_ASM void ew_dsp_gemm_one_linear(const ew_dsp_gemm *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_ONE_BODY(EW_DSP_GEMM_HI_LINEAR, EW_DSP_GEMM_LO_LINEAR));
}

/*
 * Widens `quads` (>= 1) times four values of four pixels into a block; returns its end. Reads whole
 * words. 15 instructions for 16 values.
 */
EW_ASM int16_t *ew_dsp_widen4(int16_t *block EW_UNUSED, const int8_t *const pixels[4] EW_UNUSED,
                              int32_t quads EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push   {r4-r11, lr}         \n\t"
        "mov    r3, r2               \n\t"
        "ldm    r1, {r1, r2, r12, lr} \n"
        "1:                          \n\t"
        "ldr    r4, [r1], #4         \n\t"
        "ldr    r5, [r2], #4         \n\t"
        "ldr    r6, [r12], #4        \n\t"
        "ldr    r7, [lr], #4         \n\t"
        "sxtb16 r8, r4, ror #8       \n\t"
        "sxtb16 r9, r5, ror #8       \n\t"
        "sxtb16 r10, r6, ror #8      \n\t"
        "sxtb16 r11, r7, ror #8      \n\t"
        "sxtb16 r4, r4               \n\t"
        "sxtb16 r5, r5               \n\t"
        "sxtb16 r6, r6               \n\t"
        "sxtb16 r7, r7               \n\t"
        "stm    r0!, {r4-r11}        \n\t"
        "subs   r3, r3, #1           \n\t"
        "bne    1b                   \n\t"
        "pop    {r4-r11, pc}         \n\t");
    /* clang-format on */
}

#endif

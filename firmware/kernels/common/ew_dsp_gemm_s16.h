/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core of int16 convolution for DSP cores: four pixels by two output channels at a time.
 *
 * A block holds the windows of four pixels: for each two values k, k+1 the words (k, k+1) of pixel
 * 0, 1, 2, 3. The stream holds for each pair of channels (a, b)
 *     bias of a, bias of b
 *     for each two values the bytes a[k], b[k], a[k+1], b[k+1]
 *     factor of a, bytes from the output pixel to channel a; the same of b
 * SXTB16 of a word of weights is (a[k], a[k+1]), of the word turned by a byte (b[k], b[k+1]). A
 * channel without a partner stands for both.
 *
 * Sums with their biases are below 2^31, as the compiler proves from the weights, and partial ones
 * may wrap around. TensorFlow Lite Micro's (sum * m + 2^(s - 1)) >> s with a multiplier m of 15
 * bits is then SMMULR(sum, m << (32 - s)) for s = 16..32. `relu` saturates to 0..32767 in place of
 * -32768..32767.
 *
 * Instructions of the inner loop: 13 for 16 multiplications (LDR, 2 LDRD, 2 SXTB16, 8 SMLAD), 3 for
 * each 16 turns.
 */
#ifndef EW_DSP_GEMM_S16_H
#define EW_DSP_GEMM_S16_H

#include "ew_dsp.h"

typedef struct {
    const int16_t *block;
    int32_t block_bytes; /* 16 * pairs of values, at least one */
    int16_t *out;        /* pixel 0 */
    int32_t out_step;    /* bytes from a pixel to the next */
    const int32_t *stream;
    const int32_t *stream_end;
} ew_dsp_gemm_s16;

/* Two values: 52 bytes of code, each instruction 4. */
/* clang-format off */
#define EW_DSP_GEMM_S16_STEP                      \
    "ldr.w  r12, [r1], #4             \n\t"       \
    "ldrd   r2, r3, [r0], #8          \n\t"       \
    "sxtb16 lr, r12                   \n\t"       \
    "sxtb16 r12, r12, ror #8          \n\t"       \
    "smlad  r4, r2, lr, r4            \n\t"       \
    "smlad  r5, r3, lr, r5            \n\t"       \
    "smlad  r8, r2, r12, r8           \n\t"       \
    "smlad  r9, r3, r12, r9           \n\t"       \
    "ldrd   r2, r3, [r0], #8          \n\t"       \
    "smlad  r6, r2, lr, r6            \n\t"       \
    "smlad  r7, r3, lr, r7            \n\t"       \
    "smlad  r10, r2, r12, r10         \n\t"       \
    "smlad  r11, r3, r12, r11         \n\t"

#define EW_DSP_S16_LINEAR(acc) "ssat   " acc ", #16, " acc "     \n\t"
#define EW_DSP_S16_RELU(acc)   "usat   " acc ", #15, " acc "     \n\t"

/* A channel of four pixels; r2 factor, r12 out_step, r0 its place in pixel 0. */
#define EW_DSP_GEMM_S16_END(SATURATE, a, b, c, d) \
    "smmulr " a ", " a ", r2          \n\t"       \
    "smmulr " b ", " b ", r2          \n\t"       \
    "smmulr " c ", " c ", r2          \n\t"       \
    "smmulr " d ", " d ", r2          \n\t"       \
    SATURATE(a) SATURATE(b) SATURATE(c) SATURATE(d) \
    "strh   " a ", [r0]               \n\t"       \
    "strh   " b ", [r0, r12]          \n\t"       \
    "strh   " c ", [r0, r12, lsl #1]  \n\t"       \
    "add    r0, r0, r12               \n\t"       \
    "strh   " d ", [r0, r12, lsl #1]  \n\t"

/* Stack: block, its end, entry into the loop, out, out_step, stream_end. r0 block, r1 stream, r4-r7 a, r8-r11 b. */
#define EW_DSP_GEMM_S16_BODY(SATURATE)                                                 \
    "push   {r4-r11, lr}              \n\t"                                            \
    "sub    sp, sp, #28               \n\t"                                            \
    "ldm    r0, {r0-r5}               \n\t"                                            \
    "lsr    r6, r1, #4                \n\t" /* turns of the loop; the first round */   \
    "rsb    r6, r6, #0                \n\t" /* skips those that are over a        */   \
    "and    r6, r6, #15               \n\t" /* multiple of 16                     */   \
    "add    r7, r6, r6, lsl #1        \n\t"                                            \
    "add    r6, r6, r7, lsl #2        \n\t"                                            \
    "adr.w  r7, 2f + 1                \n\t"                                            \
    "add    r6, r7, r6, lsl #2        \n\t"                                            \
    "add    r1, r0, r1                \n\t"                                            \
    "strd   r0, r1, [sp]              \n\t"                                            \
    "strd   r6, r2, [sp, #8]          \n\t"                                            \
    "strd   r3, r5, [sp, #16]         \n\t"                                            \
    "mov    r1, r4                    \n"                                              \
    "1:                               \n\t"                                            \
    "ldrd   r4, r8, [r1], #8          \n\t"                                            \
    "ldr    r0, [sp]                  \n\t"                                            \
    "mov    r5, r4                    \n\t"                                            \
    "mov    r6, r4                    \n\t"                                            \
    "mov    r7, r4                    \n\t"                                            \
    "mov    r9, r8                    \n\t"                                            \
    "mov    r10, r8                   \n\t"                                            \
    "mov    r11, r8                   \n\t"                                            \
    "ldr    pc, [sp, #8]              \n"                                              \
    "2:                               \n\t"                                            \
    EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP \
    EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP \
    EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP \
    EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP EW_DSP_GEMM_S16_STEP \
    "ldr    r2, [sp, #4]              \n\t"                                            \
    "cmp    r0, r2                    \n\t"                                            \
    "bne.w  2b                        \n\t"                                            \
    "ldrd   lr, r12, [sp, #12]        \n\t"                                            \
    "ldrd   r2, r0, [r1], #8          \n\t"                                            \
    "add    r0, r0, lr                \n\t"                                            \
    EW_DSP_GEMM_S16_END(SATURATE, "r4", "r5", "r6", "r7")                              \
    "ldrd   r2, r0, [r1], #8          \n\t"                                            \
    "add    r0, r0, lr                \n\t"                                            \
    EW_DSP_GEMM_S16_END(SATURATE, "r8", "r9", "r10", "r11")                            \
    "ldr    r2, [sp, #20]             \n\t"                                            \
    "cmp    r1, r2                    \n\t"                                            \
    "bne.w  1b                        \n\t"                                            \
    "add    sp, sp, #28               \n\t"                                            \
    "pop    {r4-r11, pc}              \n\t"

/* The same for pixel 0 alone: 8 instructions for 4 multiplications. Stack: block, its end, out, stream_end. */
#define EW_DSP_GEMM_S16_ONE_BODY(SATURATE)        \
    "push   {r4-r8, lr}               \n\t"       \
    "ldm    r0, {r0-r5}               \n\t"       \
    "mov    r12, r2                   \n\t"       \
    "mov    lr, r5                    \n\t"       \
    "push   {r0, r1}                  \n\t"       \
    "mov    r1, r4                    \n"         \
    "1:                               \n\t"       \
    "ldrd   r4, r8, [r1], #8          \n\t"       \
    "ldrd   r0, r5, [sp]              \n\t"       \
    "add    r5, r0, r5                \n"         \
    "2:                               \n\t"       \
    "ldr    r2, [r1], #4              \n\t"       \
    "ldr    r6, [r0], #16             \n\t"       \
    "sxtb16 r3, r2                    \n\t"       \
    "sxtb16 r2, r2, ror #8            \n\t"       \
    "smlad  r4, r6, r3, r4            \n\t"       \
    "smlad  r8, r6, r2, r8            \n\t"       \
    "cmp    r0, r5                    \n\t"       \
    "bne    2b                        \n\t"       \
    "ldrd   r2, r3, [r1], #8          \n\t"       \
    "smmulr r4, r4, r2                \n\t"       \
    SATURATE("r4")                                \
    "strh   r4, [r12, r3]             \n\t"       \
    "ldrd   r2, r3, [r1], #8          \n\t"       \
    "smmulr r8, r8, r2                \n\t"       \
    SATURATE("r8")                                \
    "strh   r8, [r12, r3]             \n\t"       \
    "cmp    r1, lr                    \n\t"       \
    "bne    1b                        \n\t"       \
    "add    sp, sp, #8                \n\t"       \
    "pop    {r4-r8, pc}               \n\t"
/* clang-format on */

EW_ASM void ew_dsp_gemm_s16_linear(const ew_dsp_gemm_s16 *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_S16_BODY(EW_DSP_S16_LINEAR));
}

EW_ASM void ew_dsp_gemm_s16_relu(const ew_dsp_gemm_s16 *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_S16_BODY(EW_DSP_S16_RELU));
}

EW_ASM void ew_dsp_gemm_s16_one_linear(const ew_dsp_gemm_s16 *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_S16_ONE_BODY(EW_DSP_S16_LINEAR));
}

EW_ASM void ew_dsp_gemm_s16_one_relu(const ew_dsp_gemm_s16 *g EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_GEMM_S16_ONE_BODY(EW_DSP_S16_RELU));
}

/* Two values of four pixels, `pairs` (>= 1) times, into a block; returns its end. Pixels may be at
 * odd halfwords. */
EW_ASM int16_t *ew_dsp_interleave4(int16_t *block EW_UNUSED,
                                   const int16_t *const pixels[4] EW_UNUSED,
                                   int32_t pairs EW_UNUSED) {
    /* clang-format off */
    EW_ASM_BODY(
        "push   {r4-r11, lr}         \n\t"
        "mov    r3, r2               \n\t"
        "ldm    r1, {r1, r2, r12, lr} \n\t"
        "tst    r3, #1               \n\t"
        "beq    1f                   \n\t"
        "ldr    r4, [r1], #4         \n\t"
        "ldr    r5, [r2], #4         \n\t"
        "ldr    r6, [r12], #4        \n\t"
        "ldr    r7, [lr], #4         \n\t"
        "stm    r0!, {r4-r7}         \n\t"
        "subs   r3, r3, #1           \n\t"
        "beq    2f                   \n"
        "1:                          \n\t"
        "ldr    r4, [r1], #4         \n\t"
        "ldr    r8, [r1], #4         \n\t"
        "ldr    r5, [r2], #4         \n\t"
        "ldr    r9, [r2], #4         \n\t"
        "ldr    r6, [r12], #4        \n\t"
        "ldr    r10, [r12], #4       \n\t"
        "ldr    r7, [lr], #4         \n\t"
        "ldr    r11, [lr], #4        \n\t"
        "stm    r0!, {r4-r11}        \n\t"
        "subs   r3, r3, #2           \n\t"
        "bne    1b                   \n"
        "2:                          \n\t"
        "pop    {r4-r11, pc}         \n\t");
    /* clang-format on */
}

#endif

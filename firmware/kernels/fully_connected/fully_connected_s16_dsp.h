/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 FULLY_CONNECTED with int8 weights for DSP cores: four output channels at a time, as two
 * pairs (lo, hi) that share halfwords 256 * w[hi] + w[lo].
 *
 * SMLALD with such words adds up 256 * hi + lo in 64 bits, SMLAD with their SXTB16 lo in 32 bits,
 * of which the compiler proves that they are enough. The difference is 256 * hi, whatever its size.
 * The stream holds for each four channels
 *     of both pairs bias of lo, and 256 * bias of hi + bias of lo as 64 bits
 *     for each four values k..k+3 the words (k, k+1) of both pairs, then (k+2, k+3) of both
 *     factor and place of hi, then of lo, of the first pair, then of the second
 * Requantisation is that of ew_dsp_gemm_s16.h; a pair without a hi stores lo in its place
 * afterwards, and one that is not needed comes first, with places that the second overwrites.
 *
 * Instructions of the inner loop: 15 for 16 multiplications (LDM of four words of weights, 2 LDR, 4
 * SXTB16, 4 SMLALD, 4 SMLAD), 3 for each 8 turns.
 */
#ifndef EW_FULLY_CONNECTED_S16_DSP_H
#define EW_FULLY_CONNECTED_S16_DSP_H

#include "ew_dsp_gemm_s16.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t out_c;
    int32_t stream; /* words of the stream */
    int32_t relu;   /* act_min is 0 */
    int32_t act_min, act_max;
} ew_fully_connected_s16_dsp_shape;

/* Four values: 60 bytes of code; the row may be at an odd halfword. r0 row, r1 stream; r8, r9 both
 * and r10 lo of the first pair, r11, r12 and lr of the second. */
/* clang-format off */
#define EW_DSP_FC_S16_STEP                        \
    "ldmia.w r1!, {r4-r7}             \n\t"       \
    "ldr.w  r2, [r0], #4              \n\t"       \
    "ldr.w  r3, [r0], #4              \n\t"       \
    "smlald r8, r9, r4, r2            \n\t"       \
    "smlald r11, r12, r5, r2          \n\t"       \
    "sxtb16 r4, r4                    \n\t"       \
    "sxtb16 r5, r5                    \n\t"       \
    "smlad  r10, r4, r2, r10          \n\t"       \
    "smlad  lr, r5, r2, lr            \n\t"       \
    "smlald r8, r9, r6, r3            \n\t"       \
    "smlald r11, r12, r7, r3          \n\t"       \
    "sxtb16 r6, r6                    \n\t"       \
    "sxtb16 r7, r7                    \n\t"       \
    "smlad  r10, r6, r3, r10          \n\t"       \
    "smlad  lr, r7, r3, lr            \n\t"

/* r0 out: the ends of a pair; low and high word of 256 * hi + lo, and lo. */
#define EW_DSP_FC_S16_END(SATURATE, low, high, lo) \
    "ldm    r1!, {r2-r5}              \n\t"       \
    "subs   " low ", " low ", " lo "  \n\t"       \
    "sbc    " high ", " high ", " lo ", asr #31 \n\t" \
    "lsr    " low ", " low ", #8      \n\t"       \
    "orr    " low ", " low ", " high ", lsl #24 \n\t" \
    "smmulr " low ", " low ", r2      \n\t"       \
    SATURATE(low)                                 \
    "strh   " low ", [r0, r3]         \n\t"       \
    "smmulr " lo ", " lo ", r4        \n\t"       \
    SATURATE(lo)                                  \
    "strh   " lo ", [r0, r5]          \n\t"

/* Stack: row, its end, entry into the loop, out, stream_end. */
#define EW_DSP_FC_S16_BODY(SATURATE)                                               \
    "push   {r4-r11, lr}              \n\t"                                        \
    "sub    sp, sp, #20               \n\t"                                        \
    "ldm    r0, {r0-r4}               \n\t" /* row, bytes, out, stream, its end */ \
    "lsr    r6, r1, #3                \n\t"                                        \
    "rsb    r6, r6, #0                \n\t"                                        \
    "and    r6, r6, #7                \n\t"                                        \
    "rsb    r6, r6, r6, lsl #4        \n\t"                                        \
    "adr.w  r7, 2f + 1                \n\t"                                        \
    "add    r6, r7, r6, lsl #2        \n\t"                                        \
    "add    r1, r0, r1                \n\t"                                        \
    "strd   r0, r1, [sp]              \n\t"                                        \
    "strd   r6, r2, [sp, #8]          \n\t"                                        \
    "str    r4, [sp, #16]             \n\t"                                        \
    "mov    r1, r3                    \n"                                          \
    "1:                               \n\t"                                        \
    "ldm    r1!, {r8-r10}             \n\t"                                        \
    "ldm    r1!, {r11, r12, lr}       \n\t"                                        \
    "ldr    r0, [sp]                  \n\t"                                        \
    "ldr    pc, [sp, #8]              \n"                                          \
    "2:                               \n\t"                                        \
    EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP    \
    EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP EW_DSP_FC_S16_STEP    \
    "ldr    r2, [sp, #4]              \n\t"                                        \
    "cmp    r0, r2                    \n\t"                                        \
    "bne.w  2b                        \n\t"                                        \
    "ldr    r0, [sp, #12]             \n\t"                                        \
    EW_DSP_FC_S16_END(SATURATE, "r8", "r9", "r10")                                 \
    EW_DSP_FC_S16_END(SATURATE, "r11", "r12", "lr")                                \
    "ldr    r2, [sp, #16]             \n\t"                                        \
    "cmp    r1, r2                    \n\t"                                        \
    "bne.w  1b                        \n\t"                                        \
    "add    sp, sp, #20               \n\t"                                        \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

typedef struct {
    const int16_t *row;
    int32_t row_bytes; /* 2 * depth, depth a multiple of 4 */
    int16_t *out;
    const int32_t *stream;
    const int32_t *stream_end;
} ew_dsp_fc_s16;

EW_ASM void ew_dsp_fc_s16_linear(const ew_dsp_fc_s16 *f EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_FC_S16_BODY(EW_DSP_S16_LINEAR));
}

EW_ASM void ew_dsp_fc_s16_relu(const ew_dsp_fc_s16 *f EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_FC_S16_BODY(EW_DSP_S16_RELU));
}

EW_SHARED void ew_fully_connected_s16_dsp_shared(const ew_fully_connected_s16_dsp_shape *s,
                                                 const int16_t *input, int16_t *output,
                                                 const int32_t *stream, int8_t *scratch) {
    const int32_t row_bytes = (s->depth + 3) / 4 * 8;
    ew_dsp_fc_s16 f = {input, row_bytes, output, stream, stream + s->stream};
    for (int32_t i = 0; i < s->rows; i++, f.out += s->out_c, input += s->depth) {
        f.row = input;
        if (s->depth % 4 != 0) {
            memset(scratch + row_bytes - 8, 0, 8);
            memcpy(scratch, input, (size_t)(2 * s->depth));
            f.row = (const int16_t *)(const void *)scratch;
        }
        if (s->relu) {
            ew_dsp_fc_s16_relu(&f);
        } else {
            ew_dsp_fc_s16_linear(&f);
        }
    }
    ew_clamp_s16_if_needed(output, s->rows * s->out_c, s->act_min, s->act_max);
}

/* input [rows][depth], output [rows][out_c]; they do not overlap. scratch: a row,
 * where depth is no multiple of four. */
EW_INLINE void ew_fully_connected_s16_dsp(const ew_fully_connected_s16_dsp_shape *s,
                                          const int16_t *input, int16_t *output,
                                          const int32_t *weights, int8_t *scratch) {
    ew_fully_connected_s16_dsp_shared(s, input, output, weights, scratch);
}

#endif

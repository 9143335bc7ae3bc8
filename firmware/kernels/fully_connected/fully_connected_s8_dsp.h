/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 FULLY_CONNECTED for DSP cores: four output channels at a time, as two pairs (see
 * ew_dsp_gemm.h for pairs, their halfwords, and requantisation).
 *
 * The row is widened to int16 once: four values k..k+3 are the words (k, k+2), (k+1, k+3). The
 * stream holds for each four channels bias of lo and 256 * bias of hi + bias of lo of both pairs
 *     for each four values the words (k, k+2) of both pairs, then (k+1, k+3) of both
 *     multiplier, constant, place of hi, then of lo, of the first pair, then of the second
 * A pair that is not needed comes first, with places that the second pair overwrites.
 *
 * Instructions of the inner loop: 14 for 16 multiplications (LDM of four words of weights, LDRD, 4
 * SXTB16, 8 SMLAD), 2 for each 8 turns. Each weight is used once, so it is loading that keeps this
 * above convolution's 12.
 */
#ifndef EW_FULLY_CONNECTED_S8_DSP_H
#define EW_FULLY_CONNECTED_S8_DSP_H

#include "ew_dsp_gemm.h"

typedef struct {
    int32_t rows;
    int32_t depth;
    int32_t out_c;
    int32_t stream; /* words of the stream */
    int32_t relu;   /* which of the two functions the stream is for */
    int32_t act_min, act_max;
} ew_fully_connected_s8_dsp_shape;

/* Four values: 56 bytes of code. r0 row, r1 stream, r8 and r10 lo, r9 and r11 hi of the two pairs.
 */
/* clang-format off */
#define EW_DSP_FC_STEP                                                     \
    "ldmia.w r1!, {r4-r7}             \n\t"                                \
    "ldrd   r2, r3, [r0], #8          \n\t"                                \
    "smlad  r9, r4, r2, r9            \n\t" "smlad  r11, r5, r2, r11 \n\t" \
    "sxtb16 r4, r4                    \n\t" "sxtb16 r5, r5           \n\t" \
    "smlad  r8, r4, r2, r8            \n\t" "smlad  r10, r5, r2, r10 \n\t" \
    "smlad  r9, r6, r3, r9            \n\t" "smlad  r11, r7, r3, r11 \n\t" \
    "sxtb16 r6, r6                    \n\t" "sxtb16 r7, r7           \n\t" \
    "smlad  r8, r6, r3, r8            \n\t" "smlad  r10, r7, r3, r10 \n\t"

/* r0 out; the end of a channel whose accumulator is `acc`. */
#define EW_DSP_FC_END(FINISH, acc)                \
    "ldm    r1!, {r2, r3, r12}        \n\t"       \
    FINISH                                        \
    "add    lr, r0, r12, lsr #8       \n\t"       \
    "strb   " acc ", [lr]             \n\t"

/* Stack: row, its end, entry into the loop, out, stream_end. */
#define EW_DSP_FC_BODY(HI, LO)                                                     \
    "push   {r4-r11, lr}              \n\t"                                        \
    "sub    sp, sp, #20               \n\t"                                        \
    "ldm    r0, {r0-r4}               \n\t" /* row, bytes, out, stream, its end */ \
    "lsr    r6, r1, #3                \n\t"                                        \
    "rsb    r6, r6, #0                \n\t"                                        \
    "and    r6, r6, #7                \n\t"                                        \
    "rsb    r6, r6, r6, lsl #3        \n\t"                                        \
    "adr.w  r7, 2f + 1                \n\t"                                        \
    "add    r6, r7, r6, lsl #3        \n\t"                                        \
    "add    r1, r0, r1                \n\t"                                        \
    "strd   r0, r1, [sp]              \n\t"                                        \
    "strd   r6, r2, [sp, #8]          \n\t"                                        \
    "str    r4, [sp, #16]             \n\t"                                        \
    "mov    r1, r3                    \n"                                          \
    "1:                               \n\t"                                        \
    "ldm    r1!, {r8-r11}             \n\t"                                        \
    "ldrd   r0, r12, [sp]             \n\t"                                        \
    "ldr    pc, [sp, #8]              \n"                                          \
    "2:                               \n\t"                                        \
    EW_DSP_FC_STEP EW_DSP_FC_STEP EW_DSP_FC_STEP EW_DSP_FC_STEP                    \
    EW_DSP_FC_STEP EW_DSP_FC_STEP EW_DSP_FC_STEP EW_DSP_FC_STEP                    \
    "cmp    r0, r12                   \n\t"                                        \
    "bne.w  2b                        \n\t"                                        \
    "ldr    r0, [sp, #12]             \n\t"                                        \
    EW_DSP_FC_END(HI("r9", "r8"), "r9")                                            \
    EW_DSP_FC_END(LO("r8"), "r8")                                                  \
    EW_DSP_FC_END(HI("r11", "r10"), "r11")                                         \
    EW_DSP_FC_END(LO("r10"), "r10")                                                \
    "ldr    r2, [sp, #16]             \n\t"                                        \
    "cmp    r1, r2                    \n\t"                                        \
    "bne.w  1b                        \n\t"                                        \
    "add    sp, sp, #20               \n\t"                                        \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

typedef struct {
    const int16_t *row;
    int32_t row_bytes; /* 2 * depth, depth a multiple of 4 */
    int8_t *out;
    const int32_t *stream;
    const int32_t *stream_end;
} ew_dsp_fc;

EW_ASM void ew_dsp_fc_relu(const ew_dsp_fc *f EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_FC_BODY(EW_DSP_GEMM_HI_RELU, EW_DSP_GEMM_LO_RELU));
}

EW_ASM void ew_dsp_fc_linear(const ew_dsp_fc *f EW_UNUSED) {
    EW_ASM_BODY(EW_DSP_FC_BODY(EW_DSP_GEMM_HI_LINEAR, EW_DSP_GEMM_LO_LINEAR));
}

/* Widens `depth` values, with zeros up to a multiple of four. */
EW_INLINE void ew_dsp_widen_row(const int8_t *from, int8_t *row, int32_t depth) {
    for (; depth >= 4; depth -= 4, from += 4, row += 8) {
        const uint32_t x = ew_load_word(from);
        ew_store_word(row, ew_sxtb16(x));
        ew_store_word(row + 4, ew_sxtb16_odd(x));
    }
    if (depth > 0) {
        int8_t last[4] = {0, 0, 0, 0};
        for (int32_t i = 0; i < depth; i++) {
            last[i] = from[i];
        }
        ew_store_word(row, ew_sxtb16(ew_load_word(last)));
        ew_store_word(row + 4, ew_sxtb16_odd(ew_load_word(last)));
    }
}

EW_SHARED void ew_fully_connected_s8_dsp_shared(const ew_fully_connected_s8_dsp_shape *s,
                                                const int8_t *input, int8_t *output,
                                                const int32_t *stream, int8_t *scratch) {
    const int32_t row_bytes = (s->depth + 3) / 4 * 8;
    for (int32_t i = 0; i < s->rows; i++, input += s->depth, output += s->out_c) {
        const ew_dsp_fc f = {(const int16_t *)(const void *)scratch, row_bytes, output, stream,
                             stream + s->stream};
        ew_dsp_widen_row(input, scratch, s->depth);
        if (s->relu) {
            ew_dsp_fc_relu(&f);
        } else {
            ew_dsp_fc_linear(&f);
        }
        ew_clamp_if_needed(output, s->out_c, s->act_min, s->act_max);
    }
}

/* input [rows][depth], output [rows][out_c]; a row is read whole before it is written. scratch: a
 * widened row. */
EW_INLINE void ew_fully_connected_s8_dsp(const ew_fully_connected_s8_dsp_shape *s,
                                         const int8_t *input, int8_t *output,
                                         const int32_t *weights, int8_t *scratch) {
    ew_fully_connected_s8_dsp_shared(s, input, output, weights, scratch);
}

#endif

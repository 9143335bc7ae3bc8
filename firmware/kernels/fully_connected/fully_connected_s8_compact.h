/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 FULLY_CONNECTED for DSP cores in as many bytes as the file has: pairs of channels as in
 * ew_dsp_gemm.h, four channels at a time, but multipliers and shifts in arrays beside the weights.
 * A layer of one scale has one of each.
 *
 * A row is widened as it is read, which takes two instructions more for 16 multiplications than a
 * row in scratch, as many cycles, and no RAM. SXTAB16 takes the input's zero point off besides, so
 * biases are those of the file, of 16 bits where all of them fit.
 *
 * The stream holds for each four channels their biases, then for each four values k..k+3 the words
 * (k, k+2) of both pairs, then (k+1, k+3) of both; then the same of the pairs that are left over. A
 * last channel without a partner has one of zeros.
 *
 * Instructions of the inner loop: 16 for 16 multiplications (LDM of four words of weights, LDR, 2
 * SXTAB16, 4 SXTB16, 8 SMLAD), 2 for each 8 turns.
 */
#ifndef EW_FULLY_CONNECTED_S8_COMPACT_H
#define EW_FULLY_CONNECTED_S8_COMPACT_H

#include "ew_dsp.h"

typedef struct {
    int32_t rows;
    int32_t depth; /* a multiple of 4 */
    int32_t out_c;
    int32_t wide_bias;   /* whether biases are of 32 bits, and not of 16 */
    int32_t per_channel; /* whether each channel has a multiplier and shift */
    int32_t act_min, act_max;
} ew_fully_connected_s8_compact_shape;

/* Fours of channels of a row. The order is that of registers that are loaded together. */
typedef struct {
    const int8_t *row;
    const int8_t *row_end;
    uint32_t offset; /* -zero point of the input, twice */
    uint32_t
        skipped; /* bytes of code that the first round of the loop passes over; then its entry */
    const int32_t *stream;
    uint32_t wide_bias; /* then where fours begin */
    int8_t *out;
    int32_t factor;   /* the multiplier of all channels, */
    int32_t constant; /* and 2 * zero point of the output + 1, shifted by `shift` */
    const int32_t *factors;
    const int8_t *shifts; /* less 1 */
    uint32_t per_channel; /* then where channels end */
    int32_t unshifted;    /* the constant before it is shifted */
    int32_t shift;        /* of all channels */
    int8_t *out_end;
} ew_compact_fc;

/* Four values: 64 bytes of code. r0 row, r1 stream, r8 and r10 lo, r9 and r11 hi of the two pairs,
 * lr offset. */
/* clang-format off */
#define EW_COMPACT_FC_STEP                                                 \
    "ldmia.w r1!, {r4-r7}             \n\t"                                \
    "ldr    r3, [r0], #4              \n\t"                                \
    "sxtab16 r2, lr, r3               \n\t"                                \
    "sxtab16 r3, lr, r3, ror #8       \n\t"                                \
    "smlad  r9, r4, r2, r9            \n\t" "smlad  r11, r5, r2, r11 \n\t" \
    "sxtb16 r4, r4                    \n\t" "sxtb16 r5, r5           \n\t" \
    "smlad  r8, r4, r2, r8            \n\t" "smlad  r10, r5, r2, r10 \n\t" \
    "smlad  r9, r6, r3, r9            \n\t" "smlad  r11, r7, r3, r11 \n\t" \
    "sxtb16 r6, r6                    \n\t" "sxtb16 r7, r7           \n\t" \
    "smlad  r8, r6, r3, r8            \n\t" "smlad  r10, r7, r3, r10 \n\t"

/* Twice a sum to its output; r0 out, r2 multiplier, r3 constant, r12 shift. */
#define EW_COMPACT_FC_END(acc)                    \
    "add    lr, r3, " acc ", asr #31  \n\t"       \
    "smmlar " acc ", " acc ", r2, lr  \n\t"       \
    "asr    " acc ", " acc ", r12     \n\t"       \
    "ssat   " acc ", #8, " acc ", asr #1 \n\t"    \
    "strb   " acc ", [r0], #1         \n\t"

/* The same with the channel's own factors; r4 multipliers, r5 shifts, r7 constant. */
#define EW_COMPACT_FC_OWN_END(acc)                \
    "ldr    r2, [r4], #4              \n\t"       \
    "ldrb   r12, [r5], #1             \n\t"       \
    "lsl    r3, r7, r12               \n\t" EW_COMPACT_FC_END(acc)

/* Stack: f. Fours begin at 1 or 2, factors of their own at 6. */
#define EW_COMPACT_FC_BODY                                                      \
    "push   {r4-r11, lr}              \n\t"                                     \
    "sub    sp, sp, #60               \n\t"                                     \
    "mov    r12, sp                   \n\t"                                     \
    "ldmia  r0!, {r1-r8}              \n\t"                                     \
    "stmia  r12!, {r1-r8}             \n\t"                                     \
    "ldm    r0, {r1-r7}               \n\t"                                     \
    "adr.w  r8, 5f + 1                \n\t"                                     \
    "cbz    r4, 9f                    \n\t"                                     \
    "adr.w  r8, 6f + 1                \n"                                       \
    "9:                               \n\t"                                     \
    "mov    r4, r8                    \n\t"                                     \
    "stm    r12, {r1-r7}              \n\t"                                     \
    "ldrd   r4, r1, [sp, #12]         \n\t"                                     \
    "adr.w  r3, 4f + 1                \n\t"                                     \
    "add    r3, r3, r4                \n\t"                                     \
    "str    r3, [sp, #12]             \n\t"                                     \
    "adr.w  r3, 2f + 1                \n\t"                                     \
    "ldr    r5, [sp, #20]             \n\t"                                     \
    "cbz    r5, 9f                    \n\t"                                     \
    "adr.w  r3, 1f + 1                \n"                                       \
    "9:                               \n\t"                                     \
    "str    r3, [sp, #20]             \n\t"                                     \
    "bx     r3                        \n"                                       \
    "1:                               \n\t"                                     \
    "ldm    r1!, {r8-r11}             \n\t"                                     \
    "b      3f                        \n"                                       \
    "2:                               \n\t"                                     \
    "ldm    r1!, {r3, r4}             \n\t"                                     \
    "sxth   r8, r3                    \n\t"                                     \
    "asr    r9, r3, #16               \n\t"                                     \
    "sxth   r10, r4                   \n\t"                                     \
    "asr    r11, r4, #16              \n"                                       \
    "3:                               \n\t"                                     \
    "add    r9, r8, r9, lsl #8        \n\t"                                     \
    "add    r11, r10, r11, lsl #8     \n\t"                                     \
    "ldm    sp, {r0, r12, lr}         \n\t"                                     \
    "ldr    pc, [sp, #12]             \n"                                       \
    "4:                               \n\t"                                     \
    EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP \
    EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP EW_COMPACT_FC_STEP \
    "cmp    r0, r12                   \n\t"                                     \
    "bne.w  4b                        \n\t"                                     \
    "add    r12, sp, #24              \n\t"                                     \
    "ldm    r12, {r0, r2-r7, r12}     \n\t"                                     \
    "sub    r9, r9, r8                \n\t"                                     \
    "sub    r11, r11, r10             \n\t"                                     \
    "asr    r9, r9, #7                \n\t"                                     \
    "asr    r11, r11, #7              \n\t"                                     \
    "lsl    r8, r8, #1                \n\t"                                     \
    "lsl    r10, r10, #1              \n\t"                                     \
    "bx     r6                        \n"                                     \
    "5:                               \n\t"                                     \
    EW_COMPACT_FC_END("r8") EW_COMPACT_FC_END("r9")                             \
    EW_COMPACT_FC_END("r10") EW_COMPACT_FC_END("r11")                           \
    "7:                               \n\t"                                     \
    "str    r0, [sp, #24]             \n\t"                                     \
    "ldr    r3, [sp, #56]             \n\t"                                     \
    "cmp    r0, r3                    \n\t"                                     \
    "beq.w  8f                        \n\t"                                     \
    "ldr    pc, [sp, #20]             \n"                                     \
    "6:                               \n\t"                                     \
    EW_COMPACT_FC_OWN_END("r8") EW_COMPACT_FC_OWN_END("r9")                     \
    EW_COMPACT_FC_OWN_END("r10") EW_COMPACT_FC_OWN_END("r11")                   \
    "strd   r4, r5, [sp, #36]         \n\t"                                     \
    "b.w    7b                        \n"                                       \
    "8:                               \n\t"                                     \
    "mov    r0, r1                    \n\t"                                     \
    "add    sp, sp, #60               \n\t"                                     \
    "pop    {r4-r11, pc}              \n\t"
/* clang-format on */

/* Fours of channels; returns what follows in the stream. */
EW_ASM const int32_t *ew_compact_fc_fours(const ew_compact_fc *f EW_UNUSED) {
    EW_ASM_BODY(EW_COMPACT_FC_BODY);
}

/* Twice a sum to its output. */
EW_INLINE int8_t ew_compact_fc_end(int32_t sum, int32_t multiplier, int32_t constant,
                                   int32_t shift) {
    const int32_t scaled = ew_smmlar(sum, multiplier, ew_add_sign(constant * (1 << shift), sum));
    return (int8_t)ew_ssat8(scaled >> (shift + 1));
}

/* The channels that are left over four, two at a time. */
EW_SHARED void ew_compact_fc_rest(const ew_fully_connected_s8_compact_shape *s,
                                  const ew_compact_fc *f, int8_t *output) {
    const int32_t *stream = f->stream;
    for (int32_t c = s->out_c & ~3; c < s->out_c; c += 2) {
        const int8_t *x = f->row;
        int32_t lo = (int16_t)stream[0], hi = stream[0] >> 16;
        if (s->wide_bias) {
            lo = stream[0];
            hi = *++stream;
        }
        for (hi = lo + hi * 256, stream++; x < f->row_end; x += 4, stream += 2) {
            const uint32_t word = ew_load_word(x);
            const int32_t even = (int32_t)ew_sxtab16(f->offset, word);
            const int32_t odd = (int32_t)ew_sxtab16_odd(f->offset, word);
            hi = ew_smlad(odd, stream[1], ew_smlad(even, stream[0], hi));
            lo = ew_smlad(even, (int32_t)ew_sxtb16((uint32_t)stream[0]), lo);
            lo = ew_smlad(odd, (int32_t)ew_sxtb16((uint32_t)stream[1]), lo);
        }
        for (int32_t i = 0; i < 2 && c + i < s->out_c; i++) {
            const int32_t sum = i ? (int32_t)((uint32_t)hi - (uint32_t)lo) >> 7 : lo * 2;
            const int32_t q = s->per_channel ? c + i : 0;
            output[c + i] = ew_compact_fc_end(sum, f->factors[q], f->unshifted, f->shifts[q]);
        }
    }
}

EW_SHARED void ew_fully_connected_s8_compact_all(const ew_fully_connected_s8_compact_shape *s,
                                                 const int8_t *input, int8_t *output,
                                                 const int32_t *stream, const int32_t *multiplier,
                                                 const int8_t *shift, int32_t in_zp,
                                                 int32_t out_zp) {
    const int32_t constant = 2 * out_zp + 1, fours = s->out_c & ~3;
    for (int32_t i = 0; i < s->rows; i++, input += s->depth, output += s->out_c) {
        ew_compact_fc f = {input,
                           input + s->depth,
                           ((uint32_t)-in_zp & 0xFFFFU) * 0x10001U,
                           (uint32_t)(-(s->depth / 4) & 7) * 64U,
                           stream,
                           (uint32_t)s->wide_bias,
                           output,
                           multiplier[0],
                           constant * (1 << shift[0]),
                           multiplier,
                           shift,
                           (uint32_t)s->per_channel,
                           constant,
                           shift[0],
                           output + fours};
        if (fours > 0) {
            f.stream = ew_compact_fc_fours(&f);
        }
        if (fours < s->out_c) {
            f.factors = multiplier;
            f.shifts = shift;
            ew_compact_fc_rest(s, &f, output);
        }
        ew_clamp_if_needed(output, s->out_c, s->act_min, s->act_max);
    }
}

/* input [rows][depth], output [rows][out_c]; a row is read until its last channels are
 * written.
 * multiplier and shift [out_c] or [1]. */
EW_INLINE void ew_fully_connected_s8_compact(const ew_fully_connected_s8_compact_shape *s,
                                             const int8_t *input, int8_t *output,
                                             const int32_t *weights, const int32_t *multiplier,
                                             const int8_t *shift, int32_t in_zp, int32_t out_zp) {
    ew_fully_connected_s8_compact_all(s, input, output, weights, multiplier, shift, in_zp, out_zp);
}

#endif

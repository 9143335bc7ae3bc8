/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 MUL of two inputs of one shape for DSP cores, four elements at a time: one product of
 * halfwords, one rounding product, and a shift whose clamp is SSAT. 9 to 10 instructions an
 * element, all included, where the portable kernel needs 27.
 */
#ifndef EW_MUL_S8_DSP_H
#define EW_MUL_S8_DSP_H

#include "ew_dsp.h"

typedef struct {
    int32_t count;
    int32_t shift; /* 1..22, to the right */
    int32_t relu;  /* act_min >= out_zp: products below zero are clamped, however they round */
    int32_t act_min, act_max;
} ew_mul_s8_dsp_shape;

/* One element from differences to the zero points; constant: 2^(shift - 1) + (out_zp << shift). */
EW_INLINE int8_t ew_mul_s8_dsp_one(const ew_mul_s8_dsp_shape *s, int32_t a, int32_t b,
                                   int32_t multiplier, int32_t constant) {
    const int32_t twice = (int16_t)a * (int16_t)b * 2;
    const int32_t rounding = s->relu ? constant : ew_add_sign(constant, twice);
    return (int8_t)ew_ssat8(ew_smmlar(twice, multiplier, rounding) >> s->shift);
}

/* Reads elements i..i+3 of both inputs before it writes them. */
EW_INLINE void ew_mul_s8_dsp(const ew_mul_s8_dsp_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t b_zp, int32_t multiplier,
                             int32_t constant) {
    const uint32_t a_offset = (uint32_t)(-a_zp & 0xFFFF) * 0x10001U,
                   b_offset = (uint32_t)(-b_zp & 0xFFFF) * 0x10001U;
    int32_t i = 0;
    for (; i + 4 <= s->count; i += 4) {
        const uint32_t x = ew_load_word(a + i), y = ew_load_word(b + i);
        const uint32_t x02 = ew_sxtab16(a_offset, x), x13 = ew_sxtab16_odd(a_offset, x);
        const uint32_t y02 = ew_sxtab16(b_offset, y), y13 = ew_sxtab16_odd(b_offset, y);
        output[i] = ew_mul_s8_dsp_one(s, (int32_t)x02, (int32_t)y02, multiplier, constant);
        output[i + 1] = ew_mul_s8_dsp_one(s, (int32_t)x13, (int32_t)y13, multiplier, constant);
        output[i + 2] =
            ew_mul_s8_dsp_one(s, (int32_t)x02 >> 16, (int32_t)y02 >> 16, multiplier, constant);
        output[i + 3] =
            ew_mul_s8_dsp_one(s, (int32_t)x13 >> 16, (int32_t)y13 >> 16, multiplier, constant);
    }
    for (; i < s->count; i++) {
        output[i] = ew_mul_s8_dsp_one(s, a[i] - a_zp, b[i] - b_zp, multiplier, constant);
    }
    ew_clamp_if_needed(output, s->count, s->act_min, s->act_max);
}

#endif

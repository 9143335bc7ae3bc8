/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 ADD of two inputs of one shape for DSP cores, four elements at a time.
 *
 * The input of the larger scale, here `a`, is brought to the common scale by 2^19 alone: the factor
 * is 1/2 of 2^20 exactly. The other input needs one rounding product, and a shift where its scale
 * is below half of a's; the sum one product whose shift is part of SSAT. 13 to 15 instructions an
 * element instead of three full requantisations.
 */
#ifndef EW_ADD_S8_DSP_H
#define EW_ADD_S8_DSP_H

#include "ew_dsp.h"

typedef struct {
    int32_t count;
    int32_t b_shift; /* 0..31, to the right */
    int32_t shift;   /* 1..31, to the right */
    int32_t relu;    /* act_min >= out_zp: sums below zero are clamped, however they round */
    int32_t act_min, act_max;
    int32_t a_minus, b_minus; /* SUB: this input is taken away */
} ew_add_s8_dsp_shape;

typedef struct {
    int32_t b_multiplier, multiplier;
    int32_t constant; /* 2^(shift - 1) + (out_zp << shift) */
} ew_add_s8_dsp_factors;

/* One element from a - a_zp and (b - b_zp) << 21. */
EW_SMALL uint32_t ew_add_s8_dsp_one(const ew_add_s8_dsp_shape *s, const ew_add_s8_dsp_factors *f,
                                    int32_t a, int32_t b) {
    int32_t y;
    if (s->b_shift > 0) {
        y = ew_smmlar(b, f->b_multiplier, ew_add_sign(1 << (s->b_shift - 1), b)) >> s->b_shift;
    } else {
        y = ew_smmlar(b, f->b_multiplier, 0);
    }
    const uint32_t x = (uint32_t)a << 19;
    const uint32_t both = s->a_minus   ? (uint32_t)y - x
                          : s->b_minus ? x - (uint32_t)y
                                       : (uint32_t)y + x;
    const int32_t sum = (int32_t)both * 2;
    const int32_t constant = s->relu ? f->constant : ew_add_sign(f->constant, sum);
    return (uint32_t)ew_ssat8(ew_smmlar(sum, f->multiplier, constant) >> s->shift);
}

/* Reads elements i..i+3 of both inputs before it writes them. */
EW_INLINE void ew_add_s8_dsp(const ew_add_s8_dsp_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t b_zp, int32_t b_multiplier,
                             int32_t multiplier, int32_t constant) {
    const ew_add_s8_dsp_factors f = {b_multiplier, multiplier, constant};
    const uint32_t a_offset = (uint32_t)(-a_zp & 0xFFFF) * 0x10001U,
                   b_offset = (uint32_t)(-b_zp & 0xFFFF) * 0x10001U;
    int32_t i = 0;
    for (; i + 4 <= s->count; i += 4) {
        const uint32_t x = ew_load_word(a + i), y = ew_load_word(b + i);
        const uint32_t x02 = ew_sxtab16(a_offset, x), x13 = ew_sxtab16_odd(a_offset, x);
        const uint32_t y02 = ew_sxtab16(b_offset, y), y13 = ew_sxtab16_odd(b_offset, y);
        /* Bits above the 9 of a difference go out at the top, or are those of the other half,
         * shifted out. */
        output[i] = (int8_t)ew_add_s8_dsp_one(s, &f, (int32_t)x02, (int32_t)(y02 << 21));
        output[i + 1] = (int8_t)ew_add_s8_dsp_one(s, &f, (int32_t)x13, (int32_t)(y13 << 21));
        output[i + 2] =
            (int8_t)ew_add_s8_dsp_one(s, &f, (int32_t)x02 >> 16, (int32_t)(y02 >> 16 << 21));
        output[i + 3] =
            (int8_t)ew_add_s8_dsp_one(s, &f, (int32_t)x13 >> 16, (int32_t)(y13 >> 16 << 21));
    }
    for (; i < s->count; i++) {
        output[i] =
            (int8_t)ew_add_s8_dsp_one(s, &f, a[i] - a_zp, (int32_t)((uint32_t)(b[i] - b_zp) << 21));
    }
    ew_clamp_if_needed(output, s->count, s->act_min, s->act_max);
}

#endif

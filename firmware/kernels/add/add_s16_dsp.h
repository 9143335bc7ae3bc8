/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 ADD of two inputs of one shape for DSP cores, two elements at a time: as add_s8_dsp.h, with
 * 15 bits more for the common scale and no zero points. The input of the larger scale, here `a`,
 * has the factor 1/2 of 2^15 exactly; the other needs a rounding product, and a shift where its
 * scale is below half of a's.
 */
#ifndef EW_ADD_S16_DSP_H
#define EW_ADD_S16_DSP_H

#include "ew_dsp.h"

typedef struct {
    int32_t count;
    int32_t b_shift; /* 0..31, to the right */
    int32_t shift;   /* 1..22, to the right */
    int32_t relu;    /* act_min is 0: sums below it are clamped, however they round */
    int32_t act_min, act_max;
    int32_t a_minus, b_minus; /* SUB: this input is taken away */
} ew_add_s16_dsp_shape;

typedef struct {
    int32_t b_multiplier, multiplier;
} ew_add_s16_dsp_factors;

/* One element from a << 16 and b << 16. */
EW_SMALL int32_t ew_add_s16_dsp_one(const ew_add_s16_dsp_shape *s, const ew_add_s16_dsp_factors *f,
                                    int32_t a, int32_t b) {
    const int32_t half = 1 << (s->shift - 1);
    int32_t y;
    if (s->b_shift > 0) {
        y = ew_smmlar(b, f->b_multiplier, ew_add_sign(1 << (s->b_shift - 1), b)) >> s->b_shift;
    } else {
        y = ew_smmlar(b, f->b_multiplier, 0);
    }
    const uint32_t x = (uint32_t)(a >> 1), twice = (uint32_t)y << 1; /* 2 * (a << 14), 2 * y */
    const int32_t sum = (int32_t)(s->a_minus ? twice - x : s->b_minus ? x - twice : x + twice);
    if (s->relu) {
        return ew_usat15(ew_smmlar(sum, f->multiplier, half) >> s->shift);
    }
    return ew_ssat16(ew_smmlar(sum, f->multiplier, ew_add_sign(half, sum)) >> s->shift);
}

/* Reads elements i and i + 1 of both inputs before it writes them. */
EW_INLINE void ew_add_s16_dsp(const ew_add_s16_dsp_shape *s, const int16_t *a, const int16_t *b,
                              int16_t *output, int32_t b_multiplier, int32_t multiplier) {
    const ew_add_s16_dsp_factors f = {b_multiplier, multiplier};
    int32_t i = 0;
    for (; i + 2 <= s->count; i += 2) {
        const uint32_t x = ew_load_word(a + i), y = ew_load_word(b + i);
        const int32_t low = ew_add_s16_dsp_one(s, &f, (int32_t)(x << 16), (int32_t)(y << 16));
        const int32_t high =
            ew_add_s16_dsp_one(s, &f, (int32_t)(x & 0xFFFF0000U), (int32_t)(y & 0xFFFF0000U));
        ew_store_word(output + i, ew_pkhbt(low, high));
    }
    for (; i < s->count; i++) {
        output[i] = (int16_t)ew_add_s16_dsp_one(s, &f, a[i] * (1 << 16), b[i] * (1 << 16));
    }
    ew_clamp_s16_if_needed(output, s->count, s->act_min, s->act_max);
}

#endif

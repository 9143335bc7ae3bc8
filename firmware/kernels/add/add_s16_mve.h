/* SPDX-License-Identifier: Apache-2.0 */
/* int16 ADD of two inputs of one shape for Helium, four elements at a time: what add_s16_dsp.h
 * does. */
#ifndef EW_ADD_S16_MVE_H
#define EW_ADD_S16_MVE_H

#include "ew_mve.h"

typedef struct {
    int32_t count;
    int32_t b_shift; /* 0..31, to the right */
    int32_t shift;   /* 1..22, to the right */
    int32_t relu;    /* act_min is 0: sums below it are clamped, however they round */
    int32_t act_min, act_max;
    int32_t a_minus, b_minus; /* SUB: this input is taken away */
} ew_add_s16_mve_shape;

/* Four sums, clamped. */
EW_INLINE int32x4_t ew_add_s16_mve_four(const ew_add_s16_mve_shape *s, int32x4_t a, int32x4_t b,
                                        int32_t b_multiplier, int32_t multiplier) {
    const int32x4_t x = vshlq_n_s32(a, 14);
    int32x4_t y = vqrdmulhq_n_s32(vshlq_n_s32(b, 15), b_multiplier);
    if (s->b_shift > 0) {
        y = vrshlq_n_s32(vaddq_s32(y, vshrq_n_s32(y, 31)), -s->b_shift);
    }
    int32x4_t sum = s->a_minus ? vsubq_s32(y, x) : s->b_minus ? vsubq_s32(x, y) : vaddq_s32(x, y);
    sum = vqrdmulhq_n_s32(sum, multiplier);
    if (!s->relu) {
        sum = vaddq_s32(sum, vshrq_n_s32(sum, 31)); /* halves away from zero */
    }
    sum = vrshlq_n_s32(sum, -s->shift);
    return vminq_s32(vmaxq_s32(sum, vdupq_n_s32(s->act_min)), vdupq_n_s32(s->act_max));
}

/* Reads four elements of both inputs before it writes them. */
EW_INLINE void ew_add_s16_mve(const ew_add_s16_mve_shape *s, const int16_t *a, const int16_t *b,
                              int16_t *output, int32_t b_multiplier, int32_t multiplier) {
    int32_t left = s->count;
    for (; left >= 4; left -= 4, a += 4, b += 4, output += 4) {
        vstrhq_s32(output,
                   ew_add_s16_mve_four(s, vldrhq_s32(a), vldrhq_s32(b), b_multiplier, multiplier));
    }
    if (left > 0) {
        const mve_pred16_t there = vctp32q((uint32_t)left);
        const int32x4_t x = vldrhq_z_s32(a, there), y = vldrhq_z_s32(b, there);
        vstrhq_p_s32(output, ew_add_s16_mve_four(s, x, y, b_multiplier, multiplier), there);
    }
}

#endif

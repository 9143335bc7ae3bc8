/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 ADD for Helium, eight elements at a time: int16 until the common scale, int32 from there to
 * the sum's rounding, then narrowed with saturation.
 */
#ifndef EW_ADD_S8_MVE_H
#define EW_ADD_S8_MVE_H

#include "binary_s8.h"
#include "ew_mve.h"

typedef struct {
    ew_binary_s8_shape loops;
    int32_t a_half, b_half; /* 1: the input's factor is 1/2 and needs no rounding */
    int32_t ties;           /* 1: some sum below zero lies halfway between two outputs */
    int32_t whole;          /* see ew_mve_place */
} ew_add_s8_mve_shape;

typedef struct {
    int32_t zero_point, multiplier, shift;
} ew_add_s8_mve_input;

/* x * 2^-shift, halves away from zero. */
EW_INLINE int32x4_t ew_add_s8_mve_round(int32x4_t x, int32_t shift, int32_t ties) {
    return vrshlq_n_s32(ties ? vaddq_s32(x, vshrq_n_s32(x, 31)) : x, -shift);
}

/* Even and odd elements on the common scale. */
EW_INLINE void ew_add_s8_mve_scale(int16x8_t x, const ew_add_s8_mve_input *in, int32_t half,
                                   int32x4_t scaled[2]) {
    const int16x8_t moved = vsubq_n_s16(x, (int16_t)in->zero_point);
    const int16x8_t shifted = half ? vshlq_n_s16(moved, 3) : vshlq_n_s16(moved, 4);
    scaled[0] = vshllbq_n_s16(shifted, 16);
    scaled[1] = vshlltq_n_s16(shifted, 16);
    for (int32_t i = 0; i < 2 && !half; i++) {
        const int32x4_t high = vqrdmulhq_n_s32(scaled[i], in->multiplier);
        /* by 0 places there is nothing to round */
        scaled[i] = vrshlq_n_s32(
            vaddq_s32(high, vshrq_n_s32(vandq_s32(high, vdupq_n_s32(-in->shift)), 31)), -in->shift);
    }
}

EW_INLINE int16x8_t ew_add_s8_mve_sum(const ew_add_s8_mve_shape *s, int16x8_t a, int16x8_t b,
                                      const ew_add_s8_mve_input in[2], int32_t multiplier,
                                      int32_t shift, const ew_mve_range *range) {
    int32x4_t x[2], y[2];
    ew_add_s8_mve_scale(a, &in[0], s->a_half, x);
    ew_add_s8_mve_scale(b, &in[1], s->b_half, y);
    for (int32_t i = 0; i < 2; i++) {
        x[i] =
            ew_add_s8_mve_round(vqrdmulhq_n_s32(vaddq_s32(x[i], y[i]), multiplier), shift, s->ties);
    }
    int32x4_t all = x[0];
    __asm__("vqmovnb.s32 %q[a], %q[a]\n\tvqmovnt.s32 %q[a], %q[b]"
            : [a] "+&w"(all)
            : [b] "w"(x[1]));
    int16x8_t sum = vqaddq_n_s16(vreinterpretq_s16_s32(all), (int16_t)range->zero_point);
    if (s->whole) {
        __asm__("vqmovnb.s16 %q[a], %q[a]" : [a] "+w"(sum));
        return sum;
    }
    return vminq_s16(vmaxq_s16(sum, vdupq_n_s16((int16_t)range->low)),
                     vdupq_n_s16((int16_t)range->high));
}

/* `count` elements; a step of 0 means that an input stays where it is. */
EW_INLINE void ew_add_s8_mve_run(const ew_add_s8_mve_shape *s, const int8_t *a, int32_t a_step,
                                 const int8_t *b, int32_t b_step, int8_t *output,
                                 const ew_add_s8_mve_input in[2], int32_t multiplier, int32_t shift,
                                 const ew_mve_range *range) {
    const int32_t count = s->loops.n3;
    int32_t i = 0;
    for (; i + 8 <= count; i += 8, a += 8 * a_step, b += 8 * b_step, output += 8) {
        const int16x8_t x = a_step ? vldrbq_s16(a) : vdupq_n_s16(*a);
        const int16x8_t y = b_step ? vldrbq_s16(b) : vdupq_n_s16(*b);
        vstrbq_s16(output, ew_add_s8_mve_sum(s, x, y, in, multiplier, shift, range));
    }
    if (i < count) {
        const mve_pred16_t rest = vctp16q((uint32_t)(count - i));
        const int16x8_t x = a_step ? vldrbq_z_s16(a, rest) : vdupq_n_s16(*a);
        const int16x8_t y = b_step ? vldrbq_z_s16(b, rest) : vdupq_n_s16(*b);
        vstrbq_p_s16(output, ew_add_s8_mve_sum(s, x, y, in, multiplier, shift, range), rest);
    }
}

/* Shifts are 0..31 to the right. Reads element i of each input before it writes element i of the
 * output. */
EW_INLINE void ew_add_s8_mve(const ew_add_s8_mve_shape *s, const int8_t *a, const int8_t *b,
                             int8_t *output, int32_t a_zp, int32_t a_multiplier, int32_t a_shift,
                             int32_t b_zp, int32_t b_multiplier, int32_t b_shift,
                             int32_t multiplier, int32_t shift, int32_t out_zp, int32_t act_min,
                             int32_t act_max) {
    const ew_add_s8_mve_input in[2] = {{a_zp, a_multiplier, a_shift},
                                       {b_zp, b_multiplier, b_shift}};
    const ew_mve_range range = {out_zp, act_min, act_max};
    const ew_binary_s8_shape *l = &s->loops;
    for (int32_t i0 = 0; i0 < l->n0; i0++) {
        for (int32_t i1 = 0; i1 < l->n1; i1++) {
            for (int32_t i2 = 0; i2 < l->n2; i2++, output += l->n3) {
                ew_add_s8_mve_run(s, a + i0 * l->a0 + i1 * l->a1 + i2 * l->a2, l->a3,
                                  b + i0 * l->b0 + i1 * l->b1 + i2 * l->b2, l->b3, output, in,
                                  multiplier, shift, &range);
            }
        }
    }
}

#endif

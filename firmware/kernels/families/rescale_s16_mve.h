/* SPDX-License-Identifier: Apache-2.0 */
/* int16 RELU, RELU6 and LEAKY_RELU for Helium, four elements at a time: what rescale_s16_dsp.h
 * does. */
#ifndef EW_RESCALE_S16_MVE_H
#define EW_RESCALE_S16_MVE_H

#include "ew_mve.h"

typedef struct {
    int32_t count;
    int32_t same, below_same;   /* the factor is 1 */
    int32_t left, below_left;   /* 1..15 */
    int32_t shift, below_shift; /* 0..22, to the right */
    int32_t half, below_half;   /* 2^(shift - 1), less 1 where results are below 0; or 0 */
} ew_rescale_s16_mve_shape;

/* ((x << (left - 1)) * multiplier / 2^31 + half) >> shift. */
EW_INLINE int32x4_t ew_rescale_s16_mve_by(int32x4_t x, int32_t left, int32_t multiplier,
                                          int32_t half, int32_t shift) {
    const int32x4_t high = vqrdmulhq_n_s32(vshlq_r_s32(x, left - 1), multiplier);
    return shift > 0 ? vshlq_r_s32(vaddq_n_s32(high, half), -shift) : high;
}

EW_INLINE int32x4_t ew_rescale_s16_mve_four(const ew_rescale_s16_mve_shape *s, int32x4_t x,
                                            int32_t multiplier, int32_t below_multiplier,
                                            int32_t act_min, int32_t act_max) {
    const int32x4_t above =
        s->same ? x : ew_rescale_s16_mve_by(x, s->left, multiplier, s->half, s->shift);
    const int32x4_t below = s->below_same
                                ? x
                                : ew_rescale_s16_mve_by(x, s->below_left, below_multiplier,
                                                        s->below_half, s->below_shift);
    const int32x4_t y = vpselq_s32(below, above, vcmpltq_n_s32(x, 0));
    return vminq_s32(vmaxq_s32(y, vdupq_n_s32(act_min)), vdupq_n_s32(act_max));
}

/* Input and output may be the same. */
EW_INLINE void ew_rescale_s16_mve(const ew_rescale_s16_mve_shape *s, const int16_t *input,
                                  int16_t *output, int32_t multiplier, int32_t below_multiplier,
                                  int32_t act_min, int32_t act_max) {
    int32_t left = s->count;
    for (; left >= 4; left -= 4, input += 4, output += 4) {
        vstrhq_s32(output, ew_rescale_s16_mve_four(s, vldrhq_s32(input), multiplier,
                                                   below_multiplier, act_min, act_max));
    }
    if (left > 0) {
        const mve_pred16_t there = vctp32q((uint32_t)left);
        const int32x4_t x = vldrhq_z_s32(input, there);
        vstrhq_p_s32(output,
                     ew_rescale_s16_mve_four(s, x, multiplier, below_multiplier, act_min, act_max),
                     there);
    }
}

#endif

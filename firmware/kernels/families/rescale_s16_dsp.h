/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int16 RELU, RELU6 and LEAKY_RELU for DSP cores. Shifts are constants, and the sign of a number
 * says how halves of it round, so that a factor is one product and two shifts; a factor of 1 is
 * nothing at all.
 */
#ifndef EW_RESCALE_S16_DSP_H
#define EW_RESCALE_S16_DSP_H

#include "ew_dsp.h"

typedef struct {
    int32_t count;
    int32_t same, below_same;   /* the factor is 1 */
    int32_t left, below_left;   /* 1..15 */
    int32_t shift, below_shift; /* 0..22, to the right */
    int32_t half, below_half;   /* 2^(shift - 1), less 1 where results are below 0; or 0 */
} ew_rescale_s16_dsp_shape;

EW_INLINE int32_t ew_rescale_s16_dsp_one(const ew_rescale_s16_dsp_shape *s, int32_t x,
                                         int32_t multiplier, int32_t below_multiplier) {
    if (x < 0) {
        return s->below_same
                   ? x
                   : ew_smmlar(x * (1 << s->below_left), below_multiplier, s->below_half) >>
                         s->below_shift;
    }
    return s->same ? x : ew_smmlar(x << s->left, multiplier, s->half) >> s->shift;
}

/* Input and output may be the same. */
EW_INLINE void ew_rescale_s16_dsp(const ew_rescale_s16_dsp_shape *s, const int16_t *input,
                                  int16_t *output, int32_t multiplier, int32_t below_multiplier,
                                  int32_t act_min, int32_t act_max) {
    EW_UNROLL(4)
    for (int32_t i = 0; i < s->count; i++) {
        const int32_t y = ew_rescale_s16_dsp_one(s, input[i], multiplier, below_multiplier);
        output[i] =
            (int16_t)(act_min == 0 && act_max == 32767        ? ew_usat15(y)
                      : act_min == -32768 && act_max == 32767 ? ew_ssat16(y)
                                                              : ew_clamp(y, act_min, act_max));
    }
}

#endif

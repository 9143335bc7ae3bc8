/* SPDX-License-Identifier: Apache-2.0 */
/* int16 RELU, RELU6 and LEAKY_RELU in portable C: one factor for numbers below 0, one for the
 * others, and a clamp. */
#ifndef EW_RESCALE_S16_REF_H
#define EW_RESCALE_S16_REF_H

#include "ew_requant.h"

typedef struct {
    int32_t count;    /* elements */
    int32_t rescales; /* 0: the factors are 1 and not looked at */
} ew_rescale_s16_shape;

/* Input and output may be the same. */
EW_INLINE void ew_rescale_s16_ref(const ew_rescale_s16_shape *s, const int16_t *input,
                                  int16_t *output, int32_t multiplier, int32_t shift,
                                  int32_t below_multiplier, int32_t below_shift, int32_t act_min,
                                  int32_t act_max) {
    for (int32_t i = 0; i < s->count; i++) {
        int32_t x = input[i];
        if (s->rescales) {
            x = x < 0 ? ew_requantize(x, below_multiplier, below_shift)
                      : ew_requantize(x, multiplier, shift);
        }
        output[i] = (int16_t)ew_clamp(x, act_min, act_max);
    }
}

#endif

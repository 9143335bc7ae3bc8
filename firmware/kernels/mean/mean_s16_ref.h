/* SPDX-License-Identifier: Apache-2.0 */
/* int16 MEAN and SUM in portable C: the sum of the reduced elements times a factor, which holds the
 * division of MEAN. */
#ifndef EW_MEAN_S16_REF_H
#define EW_MEAN_S16_REF_H

#include "ew_requant.h"
#include "reduce_s8.h"

/* At most 65535 elements are reduced to one. Input and output do not overlap. */
EW_INLINE void ew_mean_s16_ref(const ew_reduce_s8_shape *s, const int16_t *input, int16_t *output,
                               int32_t multiplier, int32_t shift) {
    EW_REDUCE_S8_KEPT(s) {
        int32_t sum = 0;
        EW_REDUCE_S8_REDUCED(s) {
            sum += input[EW_REDUCE_S8_PLACE(s)];
        }
        const int32_t mean = ew_requantize(sum, multiplier, shift);
        *output++ = (int16_t)ew_clamp(mean, INT16_MIN, INT16_MAX);
    }
}

#endif

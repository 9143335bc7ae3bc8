/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MEAN and SUM in portable C: the sum of the reduced elements times a factor, which holds the
 * division of MEAN. */
#ifndef EW_MEAN_S8_REF_H
#define EW_MEAN_S8_REF_H

#include "reduce_s8.h"

/* The sum of the reduced elements of output (i, k, c). */
EW_INLINE int32_t ew_mean_s8_ref_sum(const ew_reduce_s8_shape *s, const int8_t *input, int32_t i,
                                     int32_t k, int32_t c) {
    int32_t sum = 0;
    EW_REDUCE_S8_REDUCED(s) {
        sum += input[EW_REDUCE_S8_PLACE(s)];
    }
    return sum;
}

/* offset: -zero point * number of reduced elements. Input and output do not overlap. */
EW_INLINE void ew_mean_s8_ref(const ew_reduce_s8_shape *s, const int8_t *input, int8_t *output,
                              int32_t offset, int32_t multiplier, int32_t shift, int32_t out_zp) {
    EW_REDUCE_S8_KEPT(s) {
        const int32_t sum = ew_mean_s8_ref_sum(s, input, i, k, c) + offset;
        const int32_t mean = ew_add_wrap(ew_requantize(sum, multiplier, shift), out_zp);
        *output++ = (int8_t)ew_clamp(mean, INT8_MIN, INT8_MAX);
    }
}

#endif

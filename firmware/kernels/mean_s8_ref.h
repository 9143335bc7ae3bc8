/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MEAN in portable C: the sum of the reduced elements times a factor that holds the division.
 */
#ifndef EW_MEAN_S8_REF_H
#define EW_MEAN_S8_REF_H

#include "ew_requant.h"

/* The input is [kept0][reduced0][kept1][reduced1][kept2], the output [kept0][kept1][kept2]. */
typedef struct {
    int32_t kept0, reduced0, kept1, reduced1, kept2;
} ew_mean_s8_shape;

/* The sum of the reduced elements of output (i, k, c). */
EW_INLINE int32_t ew_mean_s8_ref_sum(const ew_mean_s8_shape *s, const int8_t *input, int32_t i,
                                     int32_t k, int32_t c) {
    int32_t sum = 0;
    for (int32_t r = 0; r < s->reduced0; r++) {
        const int8_t *x =
            input + ((i * s->reduced0 + r) * s->kept1 + k) * s->reduced1 * s->kept2 + c;
        for (int32_t t = 0; t < s->reduced1; t++) {
            sum += x[t * s->kept2];
        }
    }
    return sum;
}

/* offset: -zero point * number of reduced elements. Input and output do not overlap. */
EW_INLINE void ew_mean_s8_ref(const ew_mean_s8_shape *s, const int8_t *input, int8_t *output,
                              int32_t offset, int32_t multiplier, int32_t shift, int32_t out_zp) {
    for (int32_t i = 0; i < s->kept0; i++) {
        for (int32_t k = 0; k < s->kept1; k++) {
            for (int32_t c = 0; c < s->kept2; c++) {
                const int32_t sum = ew_mean_s8_ref_sum(s, input, i, k, c) + offset;
                const int32_t mean = ew_add_wrap(ew_requantize(sum, multiplier, shift), out_zp);
                *output++ = (int8_t)ew_clamp(mean, INT8_MIN, INT8_MAX);
            }
        }
    }
}

#endif

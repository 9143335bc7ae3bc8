/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MEAN in portable C: the sum of the reduced elements times a factor that holds the division.
 */
#ifndef EW_MEAN_S8_REF_H
#define EW_MEAN_S8_REF_H

#include "ew_requant.h"

/* The input is [kept0][reduced0][kept1][reduced1], the output [kept0][kept1]. */
typedef struct {
    int32_t kept0, reduced0, kept1, reduced1;
} ew_mean_s8_shape;

/* offset: -zero point * number of reduced elements. Input and output do not overlap. */
EW_INLINE void ew_mean_s8_ref(const ew_mean_s8_shape *s, const int8_t *input, int8_t *output,
                              int32_t offset, int32_t multiplier, int32_t shift, int32_t out_zp) {
    for (int32_t i = 0; i < s->kept0; i++) {
        for (int32_t k = 0; k < s->kept1; k++) {
            int32_t sum = offset;
            for (int32_t r = 0; r < s->reduced0; r++) {
                for (int32_t t = 0; t < s->reduced1; t++) {
                    sum += input[((i * s->reduced0 + r) * s->kept1 + k) * s->reduced1 + t];
                }
            }
            *output++ = (int8_t)ew_clamp(ew_add_wrap(ew_requantize(sum, multiplier, shift), out_zp),
                                         INT8_MIN, INT8_MAX);
        }
    }
}

#endif

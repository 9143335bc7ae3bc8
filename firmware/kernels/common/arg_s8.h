/* SPDX-License-Identifier: Apache-2.0 */
/* What int8 ARG_MAX and ARG_MIN share. */
#ifndef EW_ARG_S8_H
#define EW_ARG_S8_H

#include "ew_kernel.h"

/* The input is [outer][depth][inner], the output [outer][inner]. */
typedef struct {
    int32_t outer, depth, inner;
} ew_arg_s8_shape;

/* The place of the first of the greatest elements (sign 1) or of the least ones (sign -1). */
EW_INLINE void ew_arg_s8(const ew_arg_s8_shape *s, const int8_t *input, int32_t *output,
                         int32_t sign) {
    for (int32_t o = 0; o < s->outer; o++, input += s->depth * s->inner) {
        for (int32_t i = 0; i < s->inner; i++) {
            int32_t best = 0;
            for (int32_t d = 1; d < s->depth; d++) {
                if (input[d * s->inner + i] * sign > input[best * s->inner + i] * sign) {
                    best = d;
                }
            }
            *output++ = best;
        }
    }
}

#endif

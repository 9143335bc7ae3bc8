/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX and ARG_MIN in portable C, of whole numbers and float32, to int32 or int64. */
#ifndef EW_ARG_REF_H
#define EW_ARG_REF_H

#include "ew_element.h"

/* The input is [outer][depth][inner], the output [outer][inner]. */
typedef struct {
    int32_t outer, depth, inner;
    int32_t type, output_type; /* EW_TYPE_... */
    int32_t is_max;
} ew_arg_shape;

/* Whether element i is further out than element j. */
EW_INLINE int32_t ew_arg_is_better(const ew_arg_shape *s, const void *input, int32_t i, int32_t j) {
    if (s->type == EW_TYPE_F32) {
        const float x = ((const float *)input)[i], y = ((const float *)input)[j];
        return s->is_max ? x > y : x < y;
    }
    const int64_t x = ew_load_whole(input, i, s->type), y = ew_load_whole(input, j, s->type);
    return s->is_max ? x > y : x < y;
}

/* The place of the first of the greatest or least elements. Input and output do not overlap. */
EW_INLINE void ew_arg_ref(const ew_arg_shape *s, const void *input, void *output) {
    for (int32_t row = 0; row < s->outer * s->inner; row++) {
        const int32_t start = row / s->inner * s->depth * s->inner + row % s->inner;
        int32_t best = 0;
        for (int32_t d = 1; d < s->depth; d++) {
            if (ew_arg_is_better(s, input, start + d * s->inner, start + best * s->inner)) {
                best = d;
            }
        }
        ew_store_whole(output, row, s->output_type, best);
    }
}

#endif

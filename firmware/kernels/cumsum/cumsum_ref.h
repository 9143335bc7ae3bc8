/* SPDX-License-Identifier: Apache-2.0 */
/* CUMSUM in portable C: int8, int32, int64 and float32. */
#ifndef EW_CUMSUM_REF_H
#define EW_CUMSUM_REF_H

#include "ew_element.h"
#include "ew_requant.h"

/* Input and output are [outer][depth][inner]; sums go along depth. */
typedef struct {
    int32_t outer, depth, inner;
    int32_t type;
    int32_t exclusive, reverse; /* an element is not in its own sum; sums go from the end */
} ew_cumsum_shape;

EW_INLINE int32_t ew_cumsum_place(const ew_cumsum_shape *s, int32_t row, int32_t d) {
    const int32_t at = s->reverse ? s->depth - 1 - d : d;
    return (row / s->inner * s->depth + at) * s->inner + row % s->inner;
}

/* int8: numbers gain 20 bits, of which one goes again. */
EW_INLINE void ew_cumsum_s8(const ew_cumsum_shape *s, const int8_t *input, int8_t *output,
                            int32_t row, int32_t in_zp, int32_t multiplier, int32_t shift,
                            int32_t out_zp) {
    int32_t sum = -in_zp * (1 << 19);
    for (int32_t d = 0; d < s->depth; d++) {
        const int32_t at = ew_cumsum_place(s, row, d);
        const int32_t next = ew_add_wrap(sum, (input[at] - in_zp) * (1 << 19));
        const int32_t scaled = ew_requantize(s->exclusive ? sum : next, multiplier, shift);
        output[at] = (int8_t)ew_clamp(scaled + out_zp, INT8_MIN, INT8_MAX);
        sum = next;
    }
}

EW_INLINE void ew_cumsum_f32(const ew_cumsum_shape *s, const float *input, float *output,
                             int32_t row) {
    float sum = 0.0F;
    for (int32_t d = 0; d < s->depth; d++) {
        const int32_t at = ew_cumsum_place(s, row, d);
        const float next = sum + input[at];
        output[at] = s->exclusive ? sum : next;
        sum = next;
    }
}

EW_INLINE void ew_cumsum_whole(const ew_cumsum_shape *s, const void *input, void *output,
                               int32_t row) {
    uint64_t sum = 0;
    for (int32_t d = 0; d < s->depth; d++) {
        const int32_t at = ew_cumsum_place(s, row, d);
        const uint64_t next = sum + (uint64_t)ew_load_whole(input, at, s->type);
        ew_store_whole(output, at, s->type, (int64_t)(s->exclusive ? sum : next));
        sum = next;
    }
}

/* An element of the input is read before the output's at its place is written. The numbers are for
 * int8 alone. */
EW_INLINE void ew_cumsum_ref(const ew_cumsum_shape *s, const void *input, void *output,
                             int32_t in_zp, int32_t multiplier, int32_t shift, int32_t out_zp) {
    for (int32_t row = 0; row < s->outer * s->inner; row++) {
        if (s->type == EW_TYPE_S8) {
            ew_cumsum_s8(s, (const int8_t *)input, (int8_t *)output, row, in_zp, multiplier, shift,
                         out_zp);
        } else if (s->type == EW_TYPE_F32) {
            ew_cumsum_f32(s, (const float *)input, (float *)output, row);
        } else {
            ew_cumsum_whole(s, input, output, row);
        }
    }
}

#endif

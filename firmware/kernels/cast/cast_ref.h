/* SPDX-License-Identifier: Apache-2.0 */
/* CAST between whole numbers, bool and float32 in portable C. */
#ifndef EW_CAST_REF_H
#define EW_CAST_REF_H

#include "ew_element.h"

typedef struct {
    int32_t count;     /* elements */
    int32_t from, to;  /* types, see ew_element.h */
    int32_t low, high; /* what the output's type holds, where that is less than int32 */
} ew_cast_shape;

/* float32 to a whole number: towards 0. Beyond int32 it is the nearest int32, and 0 for NaN. */
EW_INLINE int32_t ew_cast_truncate(float x) {
    return x >= 2147483648.0F   ? INT32_MAX
           : x > -2147483648.0F ? (int32_t)x
           : x == x             ? INT32_MIN
                                : 0;
}

/* The same to int64. */
EW_INLINE int64_t ew_cast_truncate_wide(float x) {
    return x >= 9223372036854775808.0F   ? INT64_MAX
           : x > -9223372036854775808.0F ? (int64_t)x
           : x == x                      ? INT64_MIN
                                         : 0;
}

/* Element i of the input is read before element i of the output is written. */
EW_INLINE void ew_cast_ref(const ew_cast_shape *s, const void *input, void *output) {
    for (int32_t i = 0; i < s->count; i++) {
        if (s->from != EW_TYPE_F32) {
            ew_store_whole(output, i, s->to, ew_load_whole(input, i, s->from));
        } else if (s->to == EW_TYPE_F32) {
            ((float *)output)[i] = ((const float *)input)[i];
        } else if (s->to == EW_TYPE_BOOL) {
            ew_store_element(output, i, s->to, ((const float *)input)[i] != 0.0F);
        } else if (s->to == EW_TYPE_S64) {
            ew_store_whole(output, i, s->to, ew_cast_truncate_wide(((const float *)input)[i]));
        } else {
            const int32_t x = ew_cast_truncate(((const float *)input)[i]);
            ew_store_element(output, i, s->to, ew_clamp(x, s->low, s->high));
        }
    }
}

#endif

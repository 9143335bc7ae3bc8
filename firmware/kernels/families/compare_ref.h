/* SPDX-License-Identifier: Apache-2.0 */
/* EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL of bool, int32, int64 and float32
 * in portable C. */
#ifndef EW_COMPARE_REF_H
#define EW_COMPARE_REF_H

#include "compare_s8_ref.h"
#include "ew_element.h"

typedef struct {
    ew_binary_s8_shape loops;
    int32_t relation;
    int32_t type;
} ew_compare_shape;

EW_INLINE int32_t ew_compare_f32_holds(int32_t relation, float x, float y) {
    switch (relation) {
    case EW_EQUAL:
        return x == y;
    case EW_NOT_EQUAL:
        return x != y;
    case EW_GREATER:
        return x > y;
    case EW_GREATER_EQUAL:
        return x >= y;
    case EW_LESS:
        return x < y;
    default:
        return x <= y;
    }
}

/* The output, 0 or 1, overlaps no input that is wider. */
EW_INLINE void ew_compare_ref(const ew_compare_shape *s, const void *a, const void *b,
                              int8_t *output) {
    const ew_binary_s8_shape *loops = &s->loops;
    EW_BINARY_S8_LOOPS(loops) {
        const int32_t i = EW_BINARY_S8_A(loops), j = EW_BINARY_S8_B(loops);
        if (s->type == EW_TYPE_F32) {
            *output++ = (int8_t)ew_compare_f32_holds(s->relation, ((const float *)a)[i],
                                                     ((const float *)b)[j]);
        } else {
            const int64_t x = ew_load_whole(a, i, s->type), y = ew_load_whole(b, j, s->type);
            *output++ = (int8_t)ew_compare_s8_holds(s->relation, x > y ? 1 : x < y ? -1 : 0, 0);
        }
    }
}

#endif

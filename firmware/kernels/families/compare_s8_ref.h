/* SPDX-License-Identifier: Apache-2.0 */
/* int8 EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS and LESS_EQUAL in portable C. */
#ifndef EW_COMPARE_S8_REF_H
#define EW_COMPARE_S8_REF_H

#include "binary_s8.h"

enum { EW_EQUAL, EW_NOT_EQUAL, EW_GREATER, EW_GREATER_EQUAL, EW_LESS, EW_LESS_EQUAL };

typedef struct {
    ew_binary_s8_shape loops;
    int32_t relation;
} ew_compare_s8_shape;

EW_INLINE int32_t ew_compare_s8_holds(int32_t relation, int32_t x, int32_t y) {
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

/* Shifts are 0..31 to the right. Reads element i of each input before it writes element i of the
 * output, which is 0 or 1. */
EW_INLINE void ew_compare_s8_ref(const ew_compare_s8_shape *s, const int8_t *a, const int8_t *b,
                                 int8_t *output, int32_t a_zp, int32_t a_multiplier,
                                 int32_t a_shift, int32_t b_zp, int32_t b_multiplier,
                                 int32_t b_shift) {
    const ew_binary_s8_shape *loops = &s->loops;
    EW_BINARY_S8_LOOPS(loops) {
        const int32_t x = (a[EW_BINARY_S8_A(loops)] - a_zp) * (1 << 8);
        const int32_t y = (b[EW_BINARY_S8_B(loops)] - b_zp) * (1 << 8);
        *output++ =
            (int8_t)ew_compare_s8_holds(s->relation, ew_requantize(x, a_multiplier, a_shift),
                                        ew_requantize(y, b_multiplier, b_shift));
    }
}

#endif

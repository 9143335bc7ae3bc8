/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 ADD of two inputs of one shape for cores without DSP instructions, four elements at a time.
 *
 * The input of the larger scale, here `a`, is brought to the common scale by 2^19 alone: its factor
 * is 1/2 of 2^20 exactly. What the other becomes is a table, with a's zero point in it: 1 KiB, for
 * two roundings an element. Included by the kernels of the cores, after ew_swar_<core>.h.
 */
#ifndef EW_ADD_S8_SWAR_H
#define EW_ADD_S8_SWAR_H

#include "ew_requant.h"

typedef struct {
    int32_t count;
    int32_t finish; /* EW_SWAR_SATURATE or _CLAMP, see ew_swar.h */
    int32_t ties;   /* see ew_swar_finish */
} ew_add_s8_swar_shape;

/* The sum of element i on the common scale. */
EW_INLINE int32_t ew_add_s8_swar_one(const int8_t *a, const int8_t *b, const int32_t *table,
                                     int32_t i) {
    return (int32_t)(((uint32_t)a[i] << 19) + (uint32_t)table[(uint8_t)b[i]]);
}

/* `count` elements, 1..4, a constant. */
EW_INLINE void ew_add_s8_swar_some(const ew_add_s8_swar_shape *s, const int8_t *a, const int8_t *b,
                                   int8_t *output, const int32_t *table, const int32_t *factors,
                                   int32_t count, int32_t act_min, int32_t act_max) {
    ew_swar_sums sums;
    EW_UNROLL(4)
    for (int32_t p = 0; p < 4; p++) {
        sums.of[p] = ew_add_s8_swar_one(a, b, table, p < count ? p : 0);
    }
    ew_swar_finish(&sums, factors, s->ties);
    EW_UNROLL(4)
    for (int32_t p = 0; p < count; p++) {
        output[p] = (int8_t)(s->finish == EW_SWAR_CLAMP ? ew_clamp(sums.of[p], act_min, act_max)
                                                        : sums.of[p]);
    }
}

/*
 * table[b as uint8] = b on the common scale - (a's zero point << 19); factors as ew_swar_finish
 * takes them. Reads elements i..i+3 of both inputs before it writes them.
 */
EW_INLINE void ew_add_s8_swar(const ew_add_s8_swar_shape *s, const int8_t *a, const int8_t *b,
                              int8_t *output, const int32_t *table, const int32_t *factors,
                              int32_t act_min, int32_t act_max) {
    const int32_t whole = s->count / 4 * 4;
    for (int32_t i = 0; i < whole; i += 4) {
        ew_add_s8_swar_some(s, a + i, b + i, output + i, table, factors, 4, act_min, act_max);
    }
    if (whole < s->count) {
        ew_add_s8_swar_some(s, a + whole, b + whole, output + whole, table, factors,
                            s->count - whole, act_min, act_max);
    }
}

#endif

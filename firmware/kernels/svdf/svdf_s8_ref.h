/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 SVDF in portable C: each filter brings the input to one number, remembers the last of them,
 * and weighs what it remembers; an output is the sum of its filters.
 *
 * Zero points are folded: `feature_bias` holds -zero point * sum(weights) of each filter, `bias`
 * the same of the state.
 */
#ifndef EW_SVDF_S8_REF_H
#define EW_SVDF_S8_REF_H

#include "ew_element.h"
#include "ew_requant.h"

typedef struct {
    int32_t batches, inputs;
    int32_t units, rank; /* units * rank filters */
    int32_t memory;      /* numbers that a filter remembers */
    int32_t type;        /* of state and time weights: EW_TYPE_S8 or EW_TYPE_S16 */
    int32_t low, high;   /* ends of that type */
} ew_svdf_s8_shape;

/* The newest number of every filter of one batch; `state` is [filters][memory]. */
EW_INLINE void ew_svdf_s8_remember(const ew_svdf_s8_shape *s, const int8_t *input, void *state,
                                   int32_t first, const int8_t *features,
                                   const int32_t *feature_bias, int32_t multiplier, int32_t shift,
                                   int32_t zp) {
    for (int32_t f = 0; f < s->units * s->rank; f++) {
        const int8_t *w = features + f * s->inputs;
        int32_t acc = feature_bias[f];
        EW_UNROLL(4)
        for (int32_t i = 0; i < s->inputs; i++) {
            acc = ew_mla(acc, w[i], input[i]);
        }
        const int32_t value = ew_add_wrap(ew_requantize(acc, multiplier, shift), zp);
        const int32_t place = first + f * s->memory;
        for (int32_t i = 0; i + 1 < s->memory; i++) {
            ew_store_element(state, place + i, s->type,
                             ew_load_element(state, place + i + 1, s->type));
        }
        ew_store_element(state, place + s->memory - 1, s->type, ew_clamp(value, s->low, s->high));
    }
}

/* input [batches][inputs], output [batches][units], state [batches][units * rank][memory], features
 * [units * rank][inputs], times [units * rank][memory]. A batch's input is read whole before its
 * output is written. */
EW_INLINE void ew_svdf_s8_ref(const ew_svdf_s8_shape *s, const int8_t *input, int8_t *output,
                              void *state, const int8_t *features, const int32_t *feature_bias,
                              const void *times, const int32_t *bias, int32_t state_multiplier,
                              int32_t state_shift, int32_t state_zp, int32_t multiplier,
                              int32_t shift, int32_t out_zp) {
    const int32_t weights = s->rank * s->memory;
    for (int32_t b = 0; b < s->batches; b++, input += s->inputs, output += s->units) {
        const int32_t first = b * s->units * weights;
        ew_svdf_s8_remember(s, input, state, first, features, feature_bias, state_multiplier,
                            state_shift, state_zp);
        for (int32_t u = 0; u < s->units; u++) {
            int32_t acc = bias[u];
            for (int32_t i = u * weights; i < (u + 1) * weights; i++) {
                acc = ew_mla(acc, ew_load_element(times, i, s->type),
                             ew_load_element(state, first + i, s->type));
            }
            const int32_t value = ew_add_wrap(ew_requantize(acc, multiplier, shift), out_zp);
            output[u] = (int8_t)ew_clamp(value, INT8_MIN, INT8_MAX);
        }
    }
}

#endif

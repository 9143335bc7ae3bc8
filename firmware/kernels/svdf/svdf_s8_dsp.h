/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 SVDF with a state of int16 for DSP cores: four filters are summed together over the input,
 * which is widened once; what is remembered moves on by words, and is weighed two numbers at a
 * time.
 */
#ifndef EW_SVDF_S8_DSP_H
#define EW_SVDF_S8_DSP_H

#include "ew_dsp_quads.h"
#include "ew_requant.h"

typedef struct {
    int32_t batches, inputs;
    int32_t units, rank; /* units * rank filters */
    int32_t memory;      /* numbers that a filter remembers */
} ew_svdf_s8_dsp_shape;

/* The newest number of every filter of one batch; `state` is [filters][memory]. */
EW_INLINE void ew_svdf_s8_dsp_remember(const ew_svdf_s8_dsp_shape *s, const int8_t *row,
                                       int16_t *state, const int32_t *features,
                                       const int32_t *feature_bias, int32_t multiplier,
                                       int32_t shift) {
    const int32_t filters = s->units * s->rank;
    for (int32_t f = 0; f < filters; f += 4) {
        int32_t sum[4] = {feature_bias[f], feature_bias[f + 1], feature_bias[f + 2],
                          feature_bias[f + 3]};
        features = ew_dsp_quads(row, features, (s->inputs + 3) / 4, sum);
        for (int32_t i = 0; i < ew_min(4, filters - f); i++, state += s->memory) {
            int32_t k = 0;
            for (; k + 2 < s->memory; k += 2) {
                ew_store_word(state + k, ew_load_word(state + k + 1));
            }
            if (k + 1 < s->memory) {
                state[k] = state[k + 1];
            }
            state[s->memory - 1] = (int16_t)ew_ssat16(ew_requantize(sum[i], multiplier, shift));
        }
    }
}

/* Sum of `count` products, wrapping around. */
EW_INLINE int32_t ew_svdf_s8_dsp_dot(const int16_t *a, const int16_t *b, int32_t count,
                                     int32_t sum) {
    EW_UNROLL(4)
    for (; count >= 2; count -= 2, a += 2, b += 2) {
        sum = ew_smlad((int32_t)ew_load_word(a), (int32_t)ew_load_word(b), sum);
    }
    return count > 0 ? ew_mla(sum, *a, *b) : sum;
}

/* As ew_svdf_s8_ref; features [blocks of four filters][inputs up to a multiple of 4 / 4][4][4],
 * filled up with zeros, and a feature_bias for each of these. scratch: a widened input. */
EW_INLINE void ew_svdf_s8_dsp(const ew_svdf_s8_dsp_shape *s, const int8_t *input, int8_t *output,
                              int16_t *state, const int32_t *features, const int32_t *feature_bias,
                              const int16_t *times, const int32_t *bias, int32_t state_multiplier,
                              int32_t state_shift, int32_t multiplier, int32_t shift,
                              int32_t out_zp, int8_t *scratch) {
    const int32_t weights = s->rank * s->memory;
    for (int32_t b = 0; b < s->batches; b++, input += s->inputs, output += s->units) {
        int16_t *const own = state + b * s->units * weights;
        ew_dsp_widen_row(input, scratch, s->inputs);
        ew_svdf_s8_dsp_remember(s, scratch, own, features, feature_bias, state_multiplier,
                                state_shift);
        for (int32_t u = 0; u < s->units; u++) {
            const int32_t acc =
                ew_svdf_s8_dsp_dot(times + u * weights, own + u * weights, weights, bias[u]);
            const int32_t value = ew_add_wrap(ew_requantize(acc, multiplier, shift), out_zp);
            output[u] = (int8_t)ew_ssat8(value);
        }
    }
}

#endif

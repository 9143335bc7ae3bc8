/* SPDX-License-Identifier: Apache-2.0 */
/* Hybrid SVDF in portable C: float32 data and state, int8 weights. See svdf_s8_ref.h for what it
 * does. */
#ifndef EW_SVDF_HYBRID_REF_H
#define EW_SVDF_HYBRID_REF_H

#include "ew_hybrid.h"

typedef struct {
    int32_t batches, inputs;
    int32_t units, rank; /* units * rank filters */
    int32_t memory;      /* numbers that a filter remembers */
} ew_svdf_hybrid_shape;

/* The newest number of every filter of one batch; `state` is [filters][memory]. */
EW_INLINE void ew_svdf_hybrid_remember(const ew_svdf_hybrid_shape *s, const int8_t *values,
                                       ew_hybrid_factor factor, float *state,
                                       const int8_t *features, float feature_scale) {
    const float scale = factor.scale * feature_scale;
    for (int32_t f = 0; f < s->units * s->rank; f++, features += s->inputs, state += s->memory) {
        memmove(state, state + 1, (size_t)(s->memory - 1) * sizeof(float));
        state[s->memory - 1] =
            (float)ew_hybrid_dot(values, features, s->inputs, factor.zero_point) * scale;
    }
}

/* values and factors [batches] as ew_hybrid_quantize_ref makes them of the input. */
EW_INLINE void ew_svdf_hybrid_ref(const ew_svdf_hybrid_shape *s, const int8_t *values,
                                  const ew_hybrid_factor *factors, float *output, float *state,
                                  const int8_t *features, const int8_t *times, const float *bias,
                                  float feature_scale, float time_scale, float act_min,
                                  float act_max) {
    const int32_t filters = s->units * s->rank;
    for (int32_t b = 0; b < s->batches; b++, values += s->inputs, state += filters * s->memory) {
        ew_svdf_hybrid_remember(s, values, factors[b], state, features, feature_scale);
        for (int32_t u = 0; u < s->units; u++) {
            float sum = 0.0F;
            for (int32_t f = u * s->rank; f < (u + 1) * s->rank; f++) {
                float filter = 0.0F;
                for (int32_t i = f * s->memory; i < (f + 1) * s->memory; i++) {
                    const float weight = (float)times[i] * time_scale;
                    filter += weight * state[i];
                }
                sum += filter;
            }
            *output++ = ew_clamp_f32(sum + bias[u], act_min, act_max);
        }
    }
}

#endif

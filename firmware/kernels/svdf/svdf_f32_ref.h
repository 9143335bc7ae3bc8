/* SPDX-License-Identifier: Apache-2.0 */
/* float32 SVDF in portable C: see svdf_s8_ref.h for what it does. */
#ifndef EW_SVDF_F32_REF_H
#define EW_SVDF_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t batches, inputs;
    int32_t units, rank; /* units * rank filters */
    int32_t memory;      /* numbers that a filter remembers */
} ew_svdf_f32_shape;

/* The newest number of every filter of one batch; `state` is [filters][memory]. */
EW_INLINE void ew_svdf_f32_remember(const ew_svdf_f32_shape *s, const float *input, float *state,
                                    const float *features) {
    for (int32_t f = 0; f < s->units * s->rank; f++, features += s->inputs, state += s->memory) {
        float sum = 0.0F;
        for (int32_t i = 0; i < s->inputs; i++) {
            sum += features[i] * input[i];
        }
        memmove(state, state + 1, (size_t)(s->memory - 1) * sizeof(float));
        state[s->memory - 1] = sum;
    }
}

/* As ew_svdf_s8_ref. A batch's input is read whole before its output is written. */
EW_INLINE void ew_svdf_f32_ref(const ew_svdf_f32_shape *s, const float *input, float *output,
                               float *state, const float *features, const float *times,
                               const float *bias, float act_min, float act_max) {
    const int32_t filters = s->units * s->rank;
    for (int32_t b = 0; b < s->batches; b++, input += s->inputs, state += filters * s->memory) {
        ew_svdf_f32_remember(s, input, state, features);
        for (int32_t u = 0; u < s->units; u++) {
            float sum = bias[u];
            for (int32_t f = u * s->rank; f < (u + 1) * s->rank; f++) {
                float filter = 0.0F;
                for (int32_t i = f * s->memory; i < (f + 1) * s->memory; i++) {
                    filter += times[i] * state[i];
                }
                sum += filter;
            }
            *output++ = ew_clamp_f32(sum, act_min, act_max);
        }
    }
}

#endif

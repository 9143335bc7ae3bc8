/* SPDX-License-Identifier: Apache-2.0 */
/*
 * float32 UNIDIRECTIONAL_SEQUENCE_LSTM in portable C. Arrays of gates hold the input gate, the
 * forget gate, the cell gate and the output gate, in this order. No scratch: the new hidden values
 * of a step are written to the output first.
 */
#ifndef EW_UNIDIRECTIONAL_SEQUENCE_LSTM_F32_REF_H
#define EW_UNIDIRECTIONAL_SEQUENCE_LSTM_F32_REF_H

#include "activation_f32_ref.h"

typedef struct {
    int32_t batches, steps, inputs, units;
    int32_t time_major;   /* 1: [steps][batches][..], 0: [batches][steps][..] */
    int32_t cell_is_tanh; /* 1: the cell gate's activation is tanh, 0: sigmoid */
} ew_unidirectional_sequence_lstm_f32_shape;

EW_INLINE float ew_lstm_f32_sum(const float *values, const float *weights, int32_t count) {
    float sum = 0.0F;
    for (int32_t i = 0; i < count; i++) {
        sum += values[i] * weights[i];
    }
    return sum;
}

/* One step of one batch; input_weights [4][units][inputs], recurrent_weights [4][units][units],
 * bias [4][units]. */
EW_INLINE void ew_lstm_f32_step(const ew_unidirectional_sequence_lstm_f32_shape *s,
                                const float *input, float *output, float *hidden, float *cell,
                                const float *input_weights, const float *recurrent_weights,
                                const float *bias, float clip) {
    for (int32_t u = 0; u < s->units; u++) {
        float gates[4];
        for (int32_t g = 0; g < 4; g++) {
            const int32_t row = g * s->units + u;
            const float a = ew_lstm_f32_sum(input, input_weights + row * s->inputs, s->inputs);
            const float b = ew_lstm_f32_sum(hidden, recurrent_weights + row * s->units, s->units);
            const float sum = (a + bias[row]) + b;
            gates[g] = g == 2 && s->cell_is_tanh ? tanhf(sum) : ew_logistic_f32(sum);
        }
        const float kept = gates[1] * cell[u];
        const float added = gates[0] * gates[2];
        const float next = kept + added;
        cell[u] = clip > 0.0F ? ew_clamp_f32(next, -clip, clip) : next;
        output[u] = tanhf(cell[u]) * gates[3];
    }
    memcpy(hidden, output, (size_t)s->units * sizeof(float));
}

/* hidden and cell [batches][units]; input and output do not overlap. */
EW_INLINE void ew_unidirectional_sequence_lstm_f32_ref(
    const ew_unidirectional_sequence_lstm_f32_shape *s, const float *input, float *output,
    float *hidden, float *cell, const float *input_weights, const float *recurrent_weights,
    const float *bias, float clip) {
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t row = s->time_major ? t * s->batches + b : b * s->steps + t;
            ew_lstm_f32_step(s, input + row * s->inputs, output + row * s->units,
                             hidden + b * s->units, cell + b * s->units, input_weights,
                             recurrent_weights, bias, clip);
        }
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hybrid UNIDIRECTIONAL_SEQUENCE_LSTM in portable C: float32 data and states, int8 weights. Input
 * and hidden state are quantized at each step. Arrays of gates hold the input gate, the forget
 * gate, the cell gate and the output gate, in this order.
 */
#ifndef EW_UNIDIRECTIONAL_SEQUENCE_LSTM_HYBRID_REF_H
#define EW_UNIDIRECTIONAL_SEQUENCE_LSTM_HYBRID_REF_H

#include "activation_f32_ref.h"
#include "ew_hybrid.h"

typedef struct {
    int32_t batches, steps, inputs, units;
    int32_t time_major; /* 1: [steps][batches][..], 0: [batches][steps][..] */
    int32_t asymmetric; /* how values are quantized */
} ew_unidirectional_sequence_lstm_hybrid_shape;

/* One step of one batch; input_weights [4][units][inputs], recurrent_weights [4][units][units],
 * bias [4][units], scales [2][4] of both; values [inputs + units] is scratch. */
EW_INLINE void ew_lstm_hybrid_step(const ew_unidirectional_sequence_lstm_hybrid_shape *s,
                                   const float *input, float *output, float *hidden, float *cell,
                                   const int8_t *input_weights, const int8_t *recurrent_weights,
                                   const float *bias, const float *scales, float clip,
                                   int8_t *values) {
    int8_t *kept = values + s->inputs;
    const ew_hybrid_factor x = ew_hybrid_quantize(input, s->inputs, s->asymmetric, values);
    const ew_hybrid_factor h = ew_hybrid_quantize(hidden, s->units, s->asymmetric, kept);
    for (int32_t u = 0; u < s->units; u++) {
        float gates[4];
        for (int32_t g = 0; g < 4; g++) {
            const int32_t row = g * s->units + u;
            const float a = (float)ew_hybrid_dot(values, input_weights + row * s->inputs, s->inputs,
                                                 x.zero_point) *
                            (x.scale * scales[g]);
            const float b = (float)ew_hybrid_dot(kept, recurrent_weights + row * s->units, s->units,
                                                 h.zero_point) *
                            (h.scale * scales[4 + g]);
            const float sum = (bias[row] + a) + b;
            gates[g] = g == 2 ? tanhf(sum) : ew_logistic_f32(sum);
        }
        const float old = gates[1] * cell[u];
        const float next = old + gates[0] * gates[2];
        cell[u] = clip > 0.0F ? ew_clamp_f32(next, -clip, clip) : next;
        output[u] = tanhf(cell[u]) * gates[3];
    }
    memcpy(hidden, output, (size_t)s->units * sizeof(float));
}

/* hidden and cell [batches][units]; input and output do not overlap. */
EW_INLINE void ew_unidirectional_sequence_lstm_hybrid_ref(
    const ew_unidirectional_sequence_lstm_hybrid_shape *s, const float *input, float *output,
    float *hidden, float *cell, const int8_t *input_weights, const int8_t *recurrent_weights,
    const float *bias, const float *scales, float clip, int8_t *values) {
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t row = s->time_major ? t * s->batches + b : b * s->steps + t;
            ew_lstm_hybrid_step(s, input + row * s->inputs, output + row * s->units,
                                hidden + b * s->units, cell + b * s->units, input_weights,
                                recurrent_weights, bias, scales, clip, values);
        }
    }
}

#endif

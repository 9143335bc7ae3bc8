/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 UNIDIRECTIONAL_SEQUENCE_LSTM for DSP cores: the four gates of a unit are summed together,
 * over the input and over the hidden state, which are widened to int16 once a step.
 */
#ifndef EW_UNIDIRECTIONAL_SEQUENCE_LSTM_S8_DSP_H
#define EW_UNIDIRECTIONAL_SEQUENCE_LSTM_S8_DSP_H

#include "ew_dsp_quads.h"
#include "unidirectional_sequence_lstm_ref.h"

typedef struct {
    ew_unidirectional_sequence_lstm_shape of;
    int32_t short_requant; /* sums that are shifted to the left stay below 2^30, others too;
                              products of gates and cells are shifted 1..30 to the right */
} ew_unidirectional_sequence_lstm_s8_dsp_shape;

/* ew_requantize_short, clamped to int16. */
EW_INLINE int32_t ew_lstm_s8_dsp_short(int32_t acc, int32_t multiplier, int32_t shift) {
    return ew_ssat16(ew_smmlar(acc * 2, multiplier, ew_add_sign(1 << (shift - 1), acc)) >> shift);
}

/* What brings a gate's sum to Q3.12, where requantisation is short. */
typedef struct {
    int32_t left; /* 1 and more */
    int32_t multiplier;
    int32_t half, away; /* 2^(right - 1) and -1, or both 0: halves are rounded away from zero */
    int32_t right;
} ew_lstm_s8_dsp_factor;

EW_INLINE ew_lstm_s8_dsp_factor ew_lstm_s8_dsp_factor_of(int32_t multiplier, int32_t shift) {
    const ew_lstm_s8_dsp_factor found = {1 + ew_max(-shift, 0), multiplier,
                                         shift > 0 ? 1 << (shift - 1) : 0, shift > 0 ? -1 : 0,
                                         ew_max(shift, 0)};
    return found;
}

EW_INLINE int32_t ew_lstm_s8_dsp_scaled(const ew_lstm_s8_dsp_factor *f, int32_t sum) {
    const int32_t constant = f->half + (sum >> 31 & f->away);
    return ew_ssat16(ew_smmlar((int32_t)((uint32_t)sum << f->left), f->multiplier, constant) >>
                     f->right);
}

/* ew_lstm_unit with short requantisations: products of gates and cells are below 2^30. */
EW_INLINE int32_t ew_lstm_s8_dsp_unit(const ew_unidirectional_sequence_lstm_shape *s,
                                      const ew_unidirectional_sequence_lstm_parts *p,
                                      const int32_t gates[4], int16_t *cell) {
    int32_t next =
        ew_ssat16(ew_lstm_s8_dsp_short(gates[1] * *cell, p->forget_multiplier, p->forget_shift) +
                  ew_lstm_s8_dsp_short(gates[0] * gates[2], p->update_multiplier, p->update_shift));
    next = p->clip > 0 ? ew_clamp(next, -p->clip, p->clip) : next;
    *cell = (int16_t)next;
    const int32_t tanh = ew_tanh_s16(next, p->table, p->tanh_multiplier, p->tanh_shift);
    const int32_t value =
        ew_lstm_s8_dsp_short(tanh * gates[3], p->hidden_multiplier, p->hidden_shift);
    return ew_clamp(value + p->hidden_zp, s->low, s->high);
}

/* One step of one batch; x and h are its input and hidden state, widened. */
EW_INLINE void ew_lstm_s8_dsp_step(const ew_unidirectional_sequence_lstm_s8_dsp_shape *s,
                                   const ew_unidirectional_sequence_lstm_parts *p,
                                   const ew_lstm_s8_dsp_factor factors[8], const int8_t *x,
                                   const int8_t *h, int8_t *output, int8_t *hidden, int16_t *cell) {
    const int32_t units = s->of.units, *const bias = (const int32_t *)p->bias;
    const int32_t *w = (const int32_t *)(const void *)p->input_weights;
    const int32_t *r = (const int32_t *)(const void *)p->recurrent_weights;
    for (int32_t u = 0; u < units; u++) {
        int32_t a[4], b[4], gates[4];
        for (int32_t g = 0; g < 4; g++) {
            a[g] = bias[g * units + u];
            b[g] = p->recurrent_bias[g * units + u];
        }
        w = ew_dsp_quads(x, w, (s->of.inputs + 3) / 4, a);
        r = ew_dsp_quads(h, r, (units + 3) / 4, b);
        EW_UNROLL(4)
        for (int32_t g = 0; g < 4; g++) {
            const int32_t sum =
                s->short_requant
                    ? ew_lstm_s8_dsp_scaled(&factors[g], a[g]) +
                          ew_lstm_s8_dsp_scaled(&factors[4 + g], b[g])
                    : ew_ssat16(ew_requantize(a[g], p->multiplier[g], p->shift[g])) +
                          ew_ssat16(ew_requantize(b[g], p->multiplier[4 + g], p->shift[4 + g]));
            gates[g] = ew_lstm_activated(&s->of, p, g, sum);
        }
        const int32_t value = s->short_requant ? ew_lstm_s8_dsp_unit(&s->of, p, gates, cell + u)
                                               : ew_lstm_unit(&s->of, p, gates, cell + u);
        output[u] = hidden[u] = (int8_t)value;
    }
}

/* As ew_unidirectional_sequence_lstm_ref; weights [units][values up to a multiple of 4 / 4][4
 * gates][4], filled up with zeros. scratch: a widened input, and a widened hidden state. */
EW_INLINE void ew_unidirectional_sequence_lstm_s8_dsp(
    const ew_unidirectional_sequence_lstm_s8_dsp_shape *s, const int8_t *input, int8_t *output,
    int8_t *hidden, int16_t *cell, const int32_t *input_weights, const int32_t *recurrent_weights,
    const int32_t *bias, const int32_t *recurrent_bias, const int32_t *multiplier,
    const int8_t *shift, const uint16_t *table, int32_t forget_multiplier, int32_t forget_shift,
    int32_t update_multiplier, int32_t update_shift, int32_t hidden_multiplier,
    int32_t hidden_shift, int32_t tanh_multiplier, int32_t tanh_shift, int32_t hidden_zp,
    int32_t clip, int8_t *scratch) {
    const ew_unidirectional_sequence_lstm_parts parts = {(const int8_t *)input_weights,
                                                         (const int8_t *)recurrent_weights,
                                                         bias,
                                                         recurrent_bias,
                                                         multiplier,
                                                         shift,
                                                         table,
                                                         forget_multiplier,
                                                         forget_shift,
                                                         update_multiplier,
                                                         update_shift,
                                                         hidden_multiplier,
                                                         hidden_shift,
                                                         tanh_multiplier,
                                                         tanh_shift,
                                                         hidden_zp,
                                                         clip};
    const int32_t inputs = s->of.inputs, units = s->of.units;
    int8_t *const h = scratch + (inputs + 3) / 4 * 8;
    ew_lstm_s8_dsp_factor factors[8];
    for (int32_t i = 0; i < 8; i++) {
        factors[i] = ew_lstm_s8_dsp_factor_of(multiplier[i], shift[i]);
    }
    for (int32_t b = 0; b < s->of.batches; b++) {
        for (int32_t t = 0; t < s->of.steps; t++) {
            const int32_t row = s->of.time_major ? t * s->of.batches + b : b * s->of.steps + t;
            ew_dsp_widen_row(input + row * inputs, scratch, inputs);
            ew_dsp_widen_row(hidden + b * units, h, units);
            ew_lstm_s8_dsp_step(s, &parts, factors, scratch, h, output + row * units,
                                hidden + b * units, cell + b * units);
        }
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNIDIRECTIONAL_SEQUENCE_LSTM in portable C: int8 or int16 in and out, int8 weights, an int16
 * cell.
 *
 * Gates are Q3.12 before and Q0.15 after their activation. Arrays of gates hold the input gate, the
 * forget gate, the cell gate and the output gate, in this order. No scratch: the new hidden values
 * of a step are written to the output first.
 */
#ifndef EW_UNIDIRECTIONAL_SEQUENCE_LSTM_REF_H
#define EW_UNIDIRECTIONAL_SEQUENCE_LSTM_REF_H

#include "ew_element.h"
#include "ew_wide.h"

typedef struct {
    int32_t batches, steps, inputs, units;
    int32_t time_major;   /* 1: [steps][batches][..], 0: [batches][steps][..] */
    int32_t type;         /* of input, output and hidden state: EW_TYPE_S8 or EW_TYPE_S16 */
    int32_t low, high;    /* ends of that type */
    int32_t cell_is_tanh; /* 1: the cell gate's activation is tanh, 0: sigmoid */
} ew_unidirectional_sequence_lstm_shape;

typedef struct {
    const int8_t *input_weights;     /* [4][units][inputs] */
    const int8_t *recurrent_weights; /* [4][units][units] */
    const void *bias; /* [4][units], int32 with the input's zero point folded, or int64 */
    const int32_t *recurrent_bias; /* [4][units], the hidden state's zero point folded */
    const int32_t *multiplier;     /* [8]: of the four sums over the input, then over the state */
    const int8_t *shift;           /* [8] */
    const uint16_t *table;
    int32_t forget_multiplier, forget_shift; /* forget gate * cell to cell */
    int32_t update_multiplier, update_shift; /* input gate * cell gate to cell */
    int32_t hidden_multiplier, hidden_shift; /* output gate * tanh(cell) to hidden */
    int32_t tanh_multiplier, tanh_shift;     /* cell to the argument of tanh */
    int32_t hidden_zp;
    int32_t clip; /* of the cell; 0 for none */
} ew_unidirectional_sequence_lstm_parts;

/* bias + weights . values[first ..], brought to Q3.12 and clamped to int16. */
EW_INLINE int32_t ew_lstm_sum(int32_t type, const void *values, int32_t first,
                              const int8_t *weights, int32_t count, int64_t bias,
                              int32_t multiplier, int32_t shift) {
    int32_t scaled;
    if (type == EW_TYPE_S16) {
        int64_t acc = bias;
        for (int32_t i = 0; i < count; i++) {
            acc += ew_load_element(values, first + i, type) * weights[i];
        }
        scaled = ew_requantize_wide(acc, multiplier, shift);
    } else {
        int32_t acc = (int32_t)bias;
        EW_UNROLL(4)
        for (int32_t i = 0; i < count; i++) {
            acc = ew_mla(acc, ew_load_element(values, first + i, type), weights[i]);
        }
        scaled = ew_requantize(acc, multiplier, shift);
    }
    return ew_clamp(scaled, INT16_MIN, INT16_MAX);
}

/* A gate from its sum, Q3.12: Q0.15. */
EW_INLINE int32_t ew_lstm_activated(const ew_unidirectional_sequence_lstm_shape *s,
                                    const ew_unidirectional_sequence_lstm_parts *p, int32_t gate,
                                    int32_t sum) {
    const int32_t clamped = ew_clamp(sum, INT16_MIN, INT16_MAX);
    return gate == 2 && s->cell_is_tanh ? ew_tanh_s16(clamped, p->table, 3, 0)
                                        : ew_logistic_s16(clamped, p->table, 3, 0);
}

/* Gate `gate` of unit `unit`, Q0.15. */
EW_INLINE int32_t ew_lstm_gate(const ew_unidirectional_sequence_lstm_shape *s,
                               const ew_unidirectional_sequence_lstm_parts *p, const void *input,
                               int32_t x0, const void *hidden, int32_t h0, int32_t gate,
                               int32_t unit) {
    const int32_t row = gate * s->units + unit;
    const int64_t bias =
        s->type == EW_TYPE_S16 ? ((const int64_t *)p->bias)[row] : ((const int32_t *)p->bias)[row];
    const int32_t a = ew_lstm_sum(s->type, input, x0, p->input_weights + row * s->inputs, s->inputs,
                                  bias, p->multiplier[gate], p->shift[gate]);
    const int32_t b =
        ew_lstm_sum(s->type, hidden, h0, p->recurrent_weights + row * s->units, s->units,
                    p->recurrent_bias[row], p->multiplier[4 + gate], p->shift[4 + gate]);
    return ew_lstm_activated(s, p, gate, a + b);
}

/* a * b to another scale, clamped to int16. */
EW_INLINE int32_t ew_lstm_product(int32_t a, int32_t b, int32_t multiplier, int32_t shift) {
    return ew_clamp(ew_requantize(a * b, multiplier, shift), INT16_MIN, INT16_MAX);
}

/* The hidden value of a unit from its gates; its cell moves on. */
EW_INLINE int32_t ew_lstm_unit(const ew_unidirectional_sequence_lstm_shape *s,
                               const ew_unidirectional_sequence_lstm_parts *p,
                               const int32_t gates[4], int16_t *cell) {
    const int32_t kept = ew_lstm_product(gates[1], *cell, p->forget_multiplier, p->forget_shift);
    const int32_t added =
        ew_lstm_product(gates[0], gates[2], p->update_multiplier, p->update_shift);
    int32_t next = ew_clamp(kept + added, INT16_MIN, INT16_MAX);
    next = p->clip > 0 ? ew_clamp(next, -p->clip, p->clip) : next;
    *cell = (int16_t)next;
    const int32_t tanh = ew_tanh_s16(next, p->table, p->tanh_multiplier, p->tanh_shift);
    const int32_t value = ew_requantize(tanh * gates[3], p->hidden_multiplier, p->hidden_shift);
    return ew_clamp(ew_add_wrap(value, p->hidden_zp), s->low, s->high);
}

/* One step of one batch. x0, h0, c0, y0: first elements of its input, hidden state, cell, output.
 */
EW_INLINE void ew_lstm_step(const ew_unidirectional_sequence_lstm_shape *s,
                            const ew_unidirectional_sequence_lstm_parts *p, const void *input,
                            int32_t x0, void *output, int32_t y0, void *hidden, int32_t h0,
                            int16_t *cell) {
    for (int32_t u = 0; u < s->units; u++) {
        int32_t gates[4];
        for (int32_t g = 0; g < 4; g++) {
            gates[g] = ew_lstm_gate(s, p, input, x0, hidden, h0, g, u);
        }
        ew_store_element(output, y0 + u, s->type, ew_lstm_unit(s, p, gates, cell + u));
    }
    for (int32_t u = 0; u < s->units; u++) {
        ew_store_element(hidden, h0 + u, s->type, ew_load_element(output, y0 + u, s->type));
    }
}

/* hidden and cell [batches][units]; input and output do not overlap. */
EW_INLINE void ew_unidirectional_sequence_lstm_ref(
    const ew_unidirectional_sequence_lstm_shape *s, const void *input, void *output, void *hidden,
    int16_t *cell, const int8_t *input_weights, const int8_t *recurrent_weights, const void *bias,
    const int32_t *recurrent_bias, const int32_t *multiplier, const int8_t *shift,
    const uint16_t *table, int32_t forget_multiplier, int32_t forget_shift,
    int32_t update_multiplier, int32_t update_shift, int32_t hidden_multiplier,
    int32_t hidden_shift, int32_t tanh_multiplier, int32_t tanh_shift, int32_t hidden_zp,
    int32_t clip) {
    const ew_unidirectional_sequence_lstm_parts parts = {input_weights, recurrent_weights,
                                                         bias,          recurrent_bias,
                                                         multiplier,    shift,
                                                         table,         forget_multiplier,
                                                         forget_shift,  update_multiplier,
                                                         update_shift,  hidden_multiplier,
                                                         hidden_shift,  tanh_multiplier,
                                                         tanh_shift,    hidden_zp,
                                                         clip};
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t t = 0; t < s->steps; t++) {
            const int32_t row = s->time_major ? t * s->batches + b : b * s->steps + t;
            ew_lstm_step(s, &parts, input, row * s->inputs, output, row * s->units, hidden,
                         b * s->units, cell + b * s->units);
        }
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers that run by rows of their images: which one is next, and the band of rows that each keeps.
 *
 * A run of a layer reads `span` rows from the beginning of its band, and writes `made` rows behind
 * those of the next layer's band. Then `step` rows of its own are dropped. Padding above and below
 * an image is rows of `fill`.
 */
#ifndef EW_ROWS_H
#define EW_ROWS_H

#include "ew_kernel.h"

typedef struct {
    int32_t place;     /* of its band, in bytes */
    int32_t row_bytes; /* of its input */
    int32_t out_row_bytes;
    int16_t rows; /* of the image that it reads */
    int16_t out_rows;
    int16_t span;
    int16_t step;
    int16_t made;
    int8_t above; /* rows of padding above the image */
    int8_t fill;
} ew_rows_layer;

typedef struct {
    int16_t held;  /* rows in the band */
    int16_t taken; /* of the image, since it began */
    int16_t made;  /* rows of the output */
    int16_t unused;
} ew_rows_state;

/* Memory as generated code lays it out: the states of all layers, and behind them their bands. */
EW_INLINE ew_rows_state *ew_rows_states(int8_t *memory) {
    return (ew_rows_state *)(void *)memory;
}

EW_SHARED void ew_rows_begin(const ew_rows_layer *layers, int32_t count, int8_t *memory) {
    ew_rows_state *const states = ew_rows_states(memory);
    for (int32_t i = 0; i < count; i++) {
        const ew_rows_layer *const layer = &layers[i];
        states[i].held = layer->above;
        states[i].taken = 0;
        states[i].made = 0;
        memset(memory + layer->place, layer->fill, (size_t)(layer->above * layer->row_bytes));
    }
}

/* Takes a row of the model's input; false where all of them have come. */
EW_SHARED int ew_rows_take(const ew_rows_layer *first, int8_t *memory, const int8_t *row) {
    ew_rows_state *const state = ew_rows_states(memory);
    if (state->taken >= first->rows) {
        return 0;
    }
    memcpy(memory + first->place + state->held * first->row_bytes, row, (size_t)first->row_bytes);
    state->held++;
    state->taken++;
    return 1;
}

/* The last layer that has the rows of a run, with those of padding below the image; -1 for none. */
EW_SHARED int32_t ew_rows_next(const ew_rows_layer *layers, int32_t count, int8_t *memory) {
    ew_rows_state *const states = ew_rows_states(memory);
    for (int32_t i = count - 1; i >= 0; i--) {
        const ew_rows_layer *const layer = &layers[i];
        ew_rows_state *const state = &states[i];
        if (state->made == layer->out_rows) {
            continue;
        }
        if (state->held < layer->span) {
            if (state->taken < layer->rows) {
                continue;
            }
            memset(memory + layer->place + state->held * layer->row_bytes, layer->fill,
                   (size_t)((layer->span - state->held) * layer->row_bytes));
            state->held = layer->span;
        }
        return i;
    }
    return -1;
}

/* Where a layer writes: into the next one's band, the last one into `output`. */
EW_SHARED int8_t *ew_rows_to(const ew_rows_layer *layers, int32_t count, int32_t i, int8_t *memory,
                             int8_t *output) {
    const ew_rows_state *const states = ew_rows_states(memory);
    if (i == count - 1) {
        return output + states[i].made * layers[i].out_row_bytes;
    }
    return memory + layers[i + 1].place + states[i + 1].held * layers[i + 1].row_bytes;
}

/* Moves what a band keeps to its beginning: in words where rows are whole words. */
EW_INLINE void ew_rows_move(int8_t *band, int32_t dropped, int32_t kept, int32_t row_bytes) {
    if (row_bytes % 4 != 0) {
        memmove(band, band + dropped * row_bytes, (size_t)(kept * row_bytes));
        return;
    }
    int32_t *const words = (int32_t *)(void *)band;
    const int32_t from = dropped * row_bytes / 4;
    for (int32_t i = 0; i < kept * row_bytes / 4; i++) {
        words[i] = words[from + i];
    }
}

/* After a run. */
EW_SHARED void ew_rows_done(const ew_rows_layer *layers, int32_t count, int32_t i, int8_t *memory) {
    const ew_rows_layer *const layer = &layers[i];
    ew_rows_state *const state = &ew_rows_states(memory)[i];
    state->held = (int16_t)(state->held - layer->step);
    state->made = (int16_t)(state->made + layer->made);
    ew_rows_move(memory + layer->place, layer->step, state->held, layer->row_bytes);
    if (i + 1 < count) {
        state[1].held = (int16_t)(state[1].held + layer->made);
        state[1].taken = (int16_t)(state[1].taken + layer->made);
    }
}

#endif

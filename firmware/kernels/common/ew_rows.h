/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layers that run by rows of their images: which one is next, and the bands of rows that they keep.
 *
 * A run of a layer reads `span` rows from the beginning of each of its bands, and writes `made`
 * rows behind those of the band that it writes to. Then `step` rows of its own bands are dropped.
 * Padding above and below an image is rows of `fill`.
 */
#ifndef EW_ROWS_H
#define EW_ROWS_H

#include "ew_kernel.h"

typedef struct {
    int32_t place; /* in bytes */
    int32_t row_bytes;
    int16_t rows; /* of the whole image */
    int16_t span;
    int16_t step;
    int8_t above; /* rows of padding above the image */
    int8_t fill;
} ew_rows_band;

typedef struct {
    int32_t out_row_bytes;
    int16_t out_rows;
    int16_t made;
    int8_t first, count; /* the bands that it reads */
    int8_t to;           /* the band that it writes to; -1: the output */
    int8_t also;         /* one more that is to have the same rows; -1: none */
} ew_rows_layer;

typedef struct {
    const ew_rows_band *bands;
    const ew_rows_layer *layers;
    int8_t band_count, layer_count;
    int8_t to, also; /* the bands that rows of the model's input go to */
} ew_rows;

typedef struct {
    int16_t held;  /* rows in the band */
    int16_t taken; /* of the image, since it began */
} ew_rows_state;

/* Memory as generated code lays it out: the states of bands, rows that layers have made, bands. */
EW_INLINE ew_rows_state *ew_rows_states(int8_t *memory) {
    return (ew_rows_state *)(void *)memory;
}

EW_INLINE int16_t *ew_rows_made(const ew_rows *of, int8_t *memory) {
    return (int16_t *)(void *)(ew_rows_states(memory) + of->band_count);
}

EW_SHARED void ew_rows_begin(const ew_rows *of, int8_t *memory) {
    ew_rows_state *const states = ew_rows_states(memory);
    for (int32_t i = 0; i < of->band_count; i++) {
        const ew_rows_band *const band = &of->bands[i];
        states[i].held = band->above;
        states[i].taken = 0;
        memset(memory + band->place, band->fill, (size_t)(band->above * band->row_bytes));
    }
    memset(ew_rows_made(of, memory), 0, (size_t)of->layer_count * sizeof(int16_t));
}

/* Where the next row of a band goes. */
EW_INLINE int8_t *ew_rows_end(const ew_rows *of, int32_t number, int8_t *memory) {
    const ew_rows_band *const band = &of->bands[number];
    return memory + band->place + ew_rows_states(memory)[number].held * band->row_bytes;
}

/* Rows were written to the end of a band; another one, where there is one, gets them too. */
EW_INLINE void ew_rows_put(const ew_rows *of, int32_t to, int32_t also, int32_t rows,
                           int8_t *memory) {
    ew_rows_state *const states = ew_rows_states(memory);
    if (also >= 0) {
        memcpy(ew_rows_end(of, also, memory), ew_rows_end(of, to, memory),
               (size_t)(rows * of->bands[to].row_bytes));
        states[also].held = (int16_t)(states[also].held + rows);
        states[also].taken = (int16_t)(states[also].taken + rows);
    }
    states[to].held = (int16_t)(states[to].held + rows);
    states[to].taken = (int16_t)(states[to].taken + rows);
}

/* Rows of the model's input that are missing. */
EW_INLINE int32_t ew_rows_missing(const ew_rows *of, int8_t *memory) {
    return of->bands[of->to].rows - ew_rows_states(memory)[of->to].taken;
}

/* Takes a row of the model's input. */
EW_SHARED void ew_rows_take(const ew_rows *of, int8_t *memory, const int8_t *row) {
    memcpy(ew_rows_end(of, of->to, memory), row, (size_t)of->bands[of->to].row_bytes);
    ew_rows_put(of, of->to, of->also, 1, memory);
}

/* Whether a band has the rows of a run, or all that are left. */
EW_INLINE int ew_rows_has(const ew_rows_band *band, const ew_rows_state *state) {
    return state->held >= band->span || state->taken == band->rows;
}

/* Rows of padding below the image, where a run reads such. */
EW_INLINE void ew_rows_fill(const ew_rows *of, int32_t number, int8_t *memory) {
    const ew_rows_band *const band = &of->bands[number];
    ew_rows_state *const state = &ew_rows_states(memory)[number];
    if (state->held < band->span) {
        memset(ew_rows_end(of, number, memory), band->fill,
               (size_t)((band->span - state->held) * band->row_bytes));
        state->held = band->span;
    }
}

/* The last layer that has the rows of a run, with those of padding; -1 for none. */
EW_SHARED int32_t ew_rows_next(const ew_rows *of, int8_t *memory) {
    const ew_rows_state *const states = ew_rows_states(memory);
    for (int32_t i = of->layer_count - 1; i >= 0; i--) {
        const ew_rows_layer *const layer = &of->layers[i];
        const int32_t end = layer->first + layer->count;
        int32_t number = ew_rows_made(of, memory)[i] < layer->out_rows ? layer->first : -1;
        while (number >= 0 && number < end) {
            number = ew_rows_has(&of->bands[number], &states[number]) ? number + 1 : -1;
        }
        if (number == end) {
            for (number = layer->first; number < end; number++) {
                ew_rows_fill(of, number, memory);
            }
            return i;
        }
    }
    return -1;
}

/* Where a layer writes. */
EW_SHARED int8_t *ew_rows_to(const ew_rows *of, int32_t i, int8_t *memory, int8_t *output) {
    const ew_rows_layer *const layer = &of->layers[i];
    return layer->to < 0 ? output + ew_rows_made(of, memory)[i] * layer->out_row_bytes
                         : ew_rows_end(of, layer->to, memory);
}

/* Drops the rows of a band that no later run reads: in words where rows are whole words. */
EW_INLINE void ew_rows_drop(const ew_rows_band *band, ew_rows_state *state, int8_t *memory) {
    int8_t *const rows = memory + band->place;
    const int32_t from = band->step * band->row_bytes;
    state->held = (int16_t)(state->held - band->step);
    const int32_t kept = state->held * band->row_bytes;
    if (band->row_bytes % 4 != 0) {
        memmove(rows, rows + from, (size_t)kept);
        return;
    }
    int32_t *const words = (int32_t *)(void *)rows;
    for (int32_t i = 0; i < kept / 4; i++) {
        words[i] = words[from / 4 + i];
    }
}

/* After a run. */
EW_SHARED void ew_rows_done(const ew_rows *of, int32_t i, int8_t *memory) {
    const ew_rows_layer *const layer = &of->layers[i];
    for (int32_t number = layer->first; number < layer->first + layer->count; number++) {
        ew_rows_drop(&of->bands[number], &ew_rows_states(memory)[number], memory);
    }
    ew_rows_made(of, memory)[i] = (int16_t)(ew_rows_made(of, memory)[i] + layer->made);
    if (layer->to >= 0) {
        ew_rows_put(of, layer->to, layer->also, layer->made, memory);
    }
}

#endif

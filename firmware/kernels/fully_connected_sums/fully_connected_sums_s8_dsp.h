/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED of int16 sums for DSP cores: the assembly of fully_connected_s8_dsp.h, which
 * works on a row of int16 anyhow. */
#ifndef EW_FULLY_CONNECTED_SUMS_S8_DSP_H
#define EW_FULLY_CONNECTED_SUMS_S8_DSP_H

#include "fully_connected_s8_dsp.h"

/* Copies `depth` values, four k..k+3 as the words (k, k+2), (k+1, k+3), with zeros up to a multiple
 * of four. */
EW_INLINE void ew_dsp_order_row(const int16_t *from, int8_t *row, int32_t depth) {
    for (; depth >= 4; depth -= 4, from += 4, row += 8) {
        const uint32_t low = ew_load_word((const int8_t *)(const void *)from);
        const uint32_t high = ew_load_word((const int8_t *)(const void *)(from + 2));
        ew_store_word(row, (low & 0xFFFFU) | (high << 16));
        ew_store_word(row + 4, (low >> 16) | (high & 0xFFFF0000U));
    }
    if (depth > 0) {
        int16_t last[4] = {0, 0, 0, 0};
        for (int32_t i = 0; i < depth; i++) {
            last[i] = from[i];
        }
        const int16_t ordered[4] = {last[0], last[2], last[1], last[3]};
        memcpy(row, ordered, sizeof ordered);
    }
}

/* input [depth], output [out_c]; the shape's `rows` is 1. scratch: the row in order. */
EW_INLINE void ew_fully_connected_sums_s8_dsp(const ew_fully_connected_s8_dsp_shape *s,
                                              const int16_t *input, int8_t *output,
                                              const int32_t *weights, int8_t *scratch) {
    const ew_dsp_fc f = {(const int16_t *)(const void *)scratch, (s->depth + 3) / 4 * 8, output,
                         weights, weights + s->stream};
    ew_dsp_order_row(input, scratch, s->depth);
    if (s->relu) {
        ew_dsp_fc_relu(&f);
    } else {
        ew_dsp_fc_linear(&f);
    }
    ew_clamp_if_needed(output, s->out_c, s->act_min, s->act_max);
}

#endif

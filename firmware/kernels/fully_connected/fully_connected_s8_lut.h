/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED whose weights are indices of 2, 3 or 4 bits into tables of their values, in
 * portable C: two output channels at a time. */
#ifndef EW_FULLY_CONNECTED_S8_LUT_H
#define EW_FULLY_CONNECTED_S8_LUT_H

#include "ew_weights_lut.h"
#include "fully_connected_s8.h"

typedef struct {
    ew_fully_connected_s8_shape fc;
    int32_t bits;
    int32_t table_step; /* from the table of one channel to that of the next: 0 for one table */
} ew_fully_connected_s8_lut_shape;

/* Rows of indices of two channels, with their tables. */
typedef struct {
    const uint32_t *row[2];
    const int8_t *table[2];
} ew_fully_connected_s8_lut_pair;

/* acc[i] += x[k] . (the `count` indices of w[i]). */
EW_INLINE void ew_fully_connected_s8_lut_word(const int8_t *x, uint32_t w0, uint32_t w1,
                                              const ew_fully_connected_s8_lut_pair *p,
                                              int32_t count, int32_t bits, int32_t acc[2]) {
    const uint32_t mask = (1U << bits) - 1U;
    EW_UNROLL(16)
    for (int32_t k = 0; k < count; k++) {
        acc[0] = ew_mla(acc[0], x[k], p->table[0][w0 >> k * bits & mask]);
        acc[1] = ew_mla(acc[1], x[k], p->table[1][w1 >> k * bits & mask]);
    }
}

/* acc[i] += x . (row i). */
EW_INLINE void ew_fully_connected_s8_lut_sums(const int8_t *x,
                                              const ew_fully_connected_s8_lut_pair *p,
                                              int32_t depth, int32_t bits, int32_t acc[2]) {
    const int32_t a_word = 32 / bits, whole = depth / a_word;
    for (int32_t i = 0; i < whole; i++, x += a_word) {
        ew_fully_connected_s8_lut_word(x, p->row[0][i], p->row[1][i], p, a_word, bits, acc);
    }
    if (depth % a_word != 0) {
        ew_fully_connected_s8_lut_word(x, p->row[0][whole], p->row[1][whole], p, depth % a_word,
                                       bits, acc);
    }
}

/* input [rows][depth], output [rows][out_c]; weights: rows as in ew_weights_lut.h. At the end of an
 * odd row the last channel is computed twice. */
EW_INLINE void ew_fully_connected_s8_lut(const ew_fully_connected_s8_lut_shape *s,
                                         const int8_t *input, int8_t *output,
                                         const uint32_t *weights, const int8_t *tables,
                                         const int32_t *bias, const int32_t *multiplier,
                                         const int8_t *shift, int32_t out_zp, int32_t act_min,
                                         int32_t act_max) {
    const ew_fully_connected_s8_shape *const fc = &s->fc;
    const int32_t words = ew_weights_lut_words(fc->depth, s->bits), last = fc->out_c - 1;
    for (int32_t i = 0; i < fc->rows; i++, input += fc->depth, output += fc->out_c) {
        for (int32_t c = 0; c <= last; c += 2) {
            const int32_t d = ew_min(c + 1, last);
            const ew_fully_connected_s8_lut_pair pair = {
                {weights + c * words, weights + d * words},
                {tables + c * s->table_step, tables + d * s->table_step}};
            int32_t acc[2] = {bias[c], bias[d]};
            ew_fully_connected_s8_lut_sums(input, &pair, fc->depth, s->bits, acc);
            output[c] = ew_fully_connected_s8_output(fc, acc[0], multiplier, shift, c, out_zp,
                                                     act_min, act_max);
            output[d] = ew_fully_connected_s8_output(fc, acc[1], multiplier, shift, d, out_zp,
                                                     act_min, act_max);
        }
    }
}

#endif

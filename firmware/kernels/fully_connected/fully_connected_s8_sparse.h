/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED with sparse weights, in portable C: only weights that are not zero, or
 * blocks of four that are not, are stored and multiplied. */
#ifndef EW_FULLY_CONNECTED_S8_SPARSE_H
#define EW_FULLY_CONNECTED_S8_SPARSE_H

#include "ew_weights_sparse.h"
#include "fully_connected_s8.h"

typedef struct {
    ew_fully_connected_s8_shape fc;
    int32_t blocks; /* whether weights lie in blocks of four */
} ew_fully_connected_s8_sparse_shape;

/* input [rows][depth], output [rows][out_c]; weights: rows as in ew_weights_sparse.h, of words[c]
 * words each. */
EW_INLINE void ew_fully_connected_s8_sparse(const ew_fully_connected_s8_sparse_shape *shape,
                                            const int8_t *input, int8_t *output,
                                            const uint32_t *weights, const uint16_t *words,
                                            const int32_t *bias, const int32_t *multiplier,
                                            const int8_t *shift, int32_t out_zp, int32_t act_min,
                                            int32_t act_max) {
    const ew_fully_connected_s8_shape *const s = &shape->fc;
    for (int32_t row = 0; row < s->rows; row++, input += s->depth, output += s->out_c) {
        const uint32_t *w = weights;
        for (int32_t c = 0; c < s->out_c; w += words[c], c++) {
            const int32_t acc = shape->blocks
                                    ? ew_weights_sparse_blocks(bias[c], input, w, words[c])
                                    : ew_weights_sparse_dot(bias[c], input, w, words[c]);
            output[c] = ew_fully_connected_s8_output(s, acc, multiplier, shift, c, out_zp, act_min,
                                                     act_max);
        }
    }
}

#endif

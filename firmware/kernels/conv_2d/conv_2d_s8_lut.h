/* SPDX-License-Identifier: Apache-2.0 */
/* int8 CONV_2D whose weights are indices into tables of their values; see ew_weights_lut.h and
 * conv_2d_s8_rows.h. */
#ifndef EW_CONV_2D_S8_LUT_H
#define EW_CONV_2D_S8_LUT_H

#include "conv_2d_s8_rows.h"
#include "ew_weights_lut.h"

typedef struct {
    ew_conv_2d_s8_shape conv;
    int32_t bits;
    int32_t table_step; /* from the table of one channel to that of the next: 0 for one table */
    int32_t block;      /* channels that are unpacked at a time */
} ew_conv_2d_s8_lut_shape;

/* As ew_conv_2d_s8_ref, for one group. scratch: (block + 2) * k_h * k_w * in_c bytes. */
EW_INLINE void ew_conv_2d_s8_lut(const ew_conv_2d_s8_lut_shape *s, const int8_t *input,
                                 int8_t *output, const uint32_t *weights, const int8_t *tables,
                                 const int32_t *bias, const int32_t *multiplier,
                                 const int8_t *shift, int32_t in_zp, int32_t out_zp,
                                 int32_t act_min, int32_t act_max, int8_t *scratch) {
    const ew_window *w = &s->conv.window;
    const ew_conv_2d_s8_channels ch = {0, bias, multiplier, shift, out_zp, act_min, act_max};
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    const int32_t words = ew_weights_lut_words(depth, s->bits);
    for (int32_t first = 0; first < s->conv.out_c; first += s->block) {
        const int32_t count = ew_min(s->block, s->conv.out_c - first);
        for (int32_t c = 0; c < count; c++) {
            ew_weights_lut_unpack(scratch + c * depth, weights + (first + c) * words,
                                  tables + (first + c) * s->table_step, depth, s->bits);
        }
        ew_conv_2d_s8_rows(&s->conv, &ch, input, output, scratch, scratch + s->block * depth, first,
                           count, in_zp);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* int8 CONV_2D whose weights are decoded a few channels at a time, once a run; see
 * ew_weights_coded.h and conv_2d_s8_rows.h. */
#ifndef EW_CONV_2D_S8_CODED_H
#define EW_CONV_2D_S8_CODED_H

#include "conv_2d_s8_rows.h"
#include "ew_weights_coded.h"

typedef struct {
    ew_conv_2d_s8_shape conv;
    int32_t bytes; /* of the code */
    int32_t block; /* channels that are decoded at a time */
} ew_conv_2d_s8_coded_shape;

/* The next `count` weights; `ahead` is the place of d->value among them. Returns its place among
 * those behind. */
EW_INLINE int32_t ew_conv_2d_s8_coded_rows(ew_weights *d, int8_t *rows, int32_t count,
                                           int32_t ahead) {
    memset(rows, 0, (size_t)count);
    while (ahead < count) {
        rows[ahead] = (int8_t)d->value;
        ahead += 1 + ew_weights_skip(d);
    }
    return ahead - count;
}

/* Adds to biases what they lack: `fold` times the sum of the weights of their rows. */
EW_INLINE void ew_conv_2d_s8_coded_fold(int32_t *bias, const int8_t *rows, int32_t count,
                                        int32_t depth, int32_t fold) {
    for (int32_t c = 0; c < count; c++) {
        for (int32_t i = 0; i < depth; i++) {
            bias[c] = ew_mla(bias[c], fold, *rows++);
        }
    }
}

/* As ew_conv_2d_s8_ref, for one group. Biases lack `fold` times each weight; if that is not 0 they
 * are in RAM, and whole afterwards. scratch: a decoder, and (block + 2) * k_h * k_w * in_c bytes.
 * Returns EW_OK or EW_ERR_WEIGHTS. */
EW_INLINE ew_status ew_conv_2d_s8_coded(const ew_conv_2d_s8_coded_shape *s, const int8_t *input,
                                        int8_t *output, const int32_t *weights, const int32_t *bias,
                                        const int32_t *multiplier, const int8_t *shift,
                                        int32_t in_zp, int32_t out_zp, int32_t act_min,
                                        int32_t act_max, int32_t fold, int8_t *scratch) {
    const ew_window *w = &s->conv.window;
    const ew_conv_2d_s8_channels ch = {0, bias, multiplier, shift, out_zp, act_min, act_max};
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    ew_weights *const d = (ew_weights *)(void *)scratch;
    int8_t *const rows = scratch + sizeof *d;
    ew_weights_begin(d, weights, s->bytes, depth * s->conv.out_c);
    int32_t ahead = ew_weights_skip(d);
    for (int32_t first = 0; first < s->conv.out_c; first += s->block) {
        const int32_t count = ew_min(s->block, s->conv.out_c - first);
        ahead = ew_conv_2d_s8_coded_rows(d, rows, count * depth, ahead);
        if (fold != 0) {
            ew_conv_2d_s8_coded_fold((int32_t *)(uintptr_t)(bias + first), rows, count, depth,
                                     fold);
        }
        ew_conv_2d_s8_rows(&s->conv, &ch, input, output, rows, rows + s->block * depth, first,
                           count, in_zp);
    }
    return ew_weights_end(d);
}

#endif

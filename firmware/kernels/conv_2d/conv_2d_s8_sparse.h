/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D with sparse weights, in portable C: the windows of four pixels are copied to
 * scratch, then each weight that is not zero is multiplied with all four; see ew_weights_sparse.h.
 */
#ifndef EW_CONV_2D_S8_SPARSE_H
#define EW_CONV_2D_S8_SPARSE_H

#include "conv_2d_s8_ref.h"
#include "ew_weights_sparse.h"

/* Sparse rows of all channels. */
typedef struct {
    const uint32_t *weights;
    const uint16_t *words; /* of each channel */
} ew_conv_2d_s8_sparse_rows;

/* All channels of the pixels whose windows are in `patch`; out[i] is pixel i. */
EW_INLINE void ew_conv_2d_s8_sparse_channels(const ew_conv_2d_s8_shape *s,
                                             const ew_conv_2d_s8_channels *ch,
                                             const ew_conv_2d_s8_sparse_rows *rows,
                                             const int8_t *patch, int32_t depth,
                                             int8_t *const out[4]) {
    const uint32_t *w = rows->weights;
    for (int32_t c = 0; c < s->out_c; w += rows->words[c], c++) {
        int32_t acc[4] = {ch->bias[c], ch->bias[c], ch->bias[c], ch->bias[c]};
        ew_weights_sparse_dot4(acc, patch, depth, w, rows->words[c]);
        for (int32_t i = 0; i < 4; i++) {
            out[i][c] = ew_conv_2d_s8_ref_finish(s, ch, acc[i], c);
        }
    }
}

/* As ew_conv_2d_s8_ref, for one group. weights: a row for each channel, of words[c] words. scratch:
 * 4 * k_h * k_w * in_c bytes. At the end of an image the last pixel is computed again in place of
 * those that are missing. */
EW_INLINE void ew_conv_2d_s8_sparse(const ew_conv_2d_s8_shape *s, const int8_t *input,
                                    int8_t *output, const uint32_t *weights, const uint16_t *words,
                                    const int32_t *bias, const int32_t *multiplier,
                                    const int8_t *shift, int32_t in_zp, int32_t out_zp,
                                    int32_t act_min, int32_t act_max, int8_t *scratch) {
    const ew_window *w = &s->window;
    const ew_conv_2d_s8_channels ch = {0, bias, multiplier, shift, out_zp, act_min, act_max};
    const ew_conv_2d_s8_sparse_rows rows = {weights, words};
    const int32_t pixels = w->out_h * w->out_w, depth = w->k_h * w->k_w * w->in_c;
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t pixel = 0; pixel < pixels; pixel += 4) {
            int8_t *out[4];
            for (int32_t i = 0; i < 4; i++) {
                const int32_t at = ew_min(pixel + i, pixels - 1);
                ew_gather(w, input, scratch + i * depth, at / w->out_w, at % w->out_w, w->in_c,
                          (int8_t)in_zp);
                out[i] = output + at * s->out_c;
            }
            ew_conv_2d_s8_sparse_channels(s, &ch, &rows, scratch, depth, out);
        }
        input += w->in_h * w->in_w * w->in_c;
        output += pixels * s->out_c;
    }
}

#endif

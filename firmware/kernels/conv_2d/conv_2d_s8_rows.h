/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 CONV_2D whose weights are unpacked a few output channels at a time, in portable C: the rows
 * of these channels lie in scratch while all pixels are multiplied with them. Input and output must
 * not overlap.
 */
#ifndef EW_CONV_2D_S8_ROWS_H
#define EW_CONV_2D_S8_ROWS_H

#include "conv_2d_s8_ref.h"

/* `count` channels of two neighbouring pixels; `ch` and `out` begin with the first of them. */
EW_INLINE void ew_conv_2d_s8_rows_pixels(const ew_conv_2d_s8_shape *s,
                                         const ew_conv_2d_s8_channels *ch, const int8_t *image,
                                         int8_t *out, int8_t *patch, int32_t count, int32_t pixel,
                                         int8_t in_zp) {
    const ew_window *w = &s->window;
    const int32_t depth = w->k_h * w->k_w * w->in_c;
    const int32_t next = ew_min(pixel + 1, w->out_h * w->out_w - 1);
    ew_gather(w, image, patch, pixel / w->out_w, pixel % w->out_w, w->in_c, in_zp);
    ew_gather(w, image, patch + depth, next / w->out_w, next % w->out_w, w->in_c, in_zp);
    for (int32_t c = 0; c < count; c += 2) {
        ew_conv_2d_s8_ref_block(s, ch, patch, depth, c, ew_min(c + 1, count - 1),
                                out + pixel * s->out_c, (next - pixel) * s->out_c);
    }
}

/* The channels from `first` on, `count` of them, whose weights are `rows`; `patch` has place for
 * two windows. */
EW_INLINE void ew_conv_2d_s8_rows(const ew_conv_2d_s8_shape *s, const ew_conv_2d_s8_channels *all,
                                  const int8_t *input, int8_t *output, const int8_t *rows,
                                  int8_t *patch, int32_t first, int32_t count, int32_t in_zp) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    ew_conv_2d_s8_channels ch = *all;
    ch.weights = rows;
    ch.bias += first;
    ch.multiplier += first;
    ch.shift += first;
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
            ew_conv_2d_s8_rows_pixels(s, &ch, input, output + first, patch, count, pixel,
                                      (int8_t)in_zp);
        }
        input += w->in_h * w->in_w * w->in_c;
        output += pixels * s->out_c;
    }
}

#endif

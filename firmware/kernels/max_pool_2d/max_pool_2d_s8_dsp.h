/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 MAX_POOL_2D for DSP cores: four channels at a time, SSUB8 and SEL for each further pixel of
 * the window.
 */
#ifndef EW_MAX_POOL_2D_S8_DSP_H
#define EW_MAX_POOL_2D_S8_DSP_H

#include "ew_dsp.h"
#include "pool_2d_s8.h"

/* All channels of a window of rows * columns pixels, the first of them at `from`. */
EW_INLINE void ew_max_pool_2d_s8_dsp_pixel(const ew_window *w, const int8_t *from, int32_t rows,
                                           int32_t columns, int8_t *out) {
    EW_UNROLL(4)
    for (int32_t c = 0; c < w->in_c; c += 4, from += 4) {
        uint32_t most = ew_load_word(from);
        const int8_t *row = from;
        for (int32_t y = 0; y < rows; y++, row += w->in_w * w->in_c) {
            for (int32_t x = 0; x < columns; x++) {
                most = ew_max4(most, ew_load_word(row + x * w->in_c));
            }
        }
        ew_store_word(out + c, most);
    }
}

/*
 * input [batches][in_h][in_w][in_c], in_c a multiple of 4, output [batches][out_h][out_w][in_c].
 * Four channels are read before they are written.
 */
EW_INLINE void ew_max_pool_2d_s8_dsp(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                     int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w, bytes = s->batches * pixels * w->in_c;
    int8_t *out = output;
    for (int32_t b = 0; b < s->batches; b++, input += w->in_h * w->in_w * w->in_c) {
        for (int32_t pixel = 0; pixel < pixels; pixel++, out += w->in_c) {
            const ew_pool_area area = ew_pool_2d_s8_area(w, pixel);
            const int8_t *from = input + (area.y0 * w->in_w + area.x0) * w->in_c;
            ew_max_pool_2d_s8_dsp_pixel(w, from, area.y1 - area.y0, area.x1 - area.x0, out);
        }
    }
    ew_clamp_if_needed(output, bytes, act_min, act_max);
}

#endif

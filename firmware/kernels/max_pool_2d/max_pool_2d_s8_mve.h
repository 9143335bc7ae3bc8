/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MAX_POOL_2D for Helium: 16 channels at a time. */
#ifndef EW_MAX_POOL_2D_S8_MVE_H
#define EW_MAX_POOL_2D_S8_MVE_H

#include "ew_mve.h"
#include "pool_2d_s8.h"

/* 16 channels, or those that `there` says, of a window whose first pixel is at `from`. */
EW_INLINE int8x16_t ew_max_pool_2d_s8_mve_most(const int8_t *from, int32_t rows, int32_t columns,
                                               int32_t row_step, int32_t step, int32_t whole,
                                               mve_pred16_t there) {
    int8x16_t most = vdupq_n_s8(INT8_MIN);
    for (; rows > 0; rows--, from += row_step) {
        const int8_t *pixel = from;
        for (int32_t x = 0; x < columns; x++, pixel += step) {
            most = vmaxq_s8(most, whole ? vldrbq_s8(pixel) : vldrbq_z_s8(pixel, there));
        }
    }
    return most;
}

/*
 * input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]. 16 channels are read
 * before they are written.
 */
EW_INLINE void ew_max_pool_2d_s8_mve(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                     int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    const int8x16_t low = vdupq_n_s8((int8_t)act_min), high = vdupq_n_s8((int8_t)act_max);
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        const int8_t *first = image + (area.y0 * w->in_w + area.x0) * w->in_c;
        for (int32_t c = 0; c < w->in_c; c += 16) {
            const mve_pred16_t there = vctp8q((uint32_t)(w->in_c - c));
            const int8x16_t most =
                ew_max_pool_2d_s8_mve_most(first + c, area.y1 - area.y0, area.x1 - area.x0,
                                           w->in_w * w->in_c, w->in_c, c + 16 <= w->in_c, there);
            vstrbq_p_s8(output + c, vminq_s8(vmaxq_s8(most, low), high), there);
        }
    }
}

#endif

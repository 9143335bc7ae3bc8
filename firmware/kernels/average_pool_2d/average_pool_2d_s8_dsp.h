/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 AVERAGE_POOL_2D for DSP cores: four channels at a time, their sums as two pairs of int16, so
 * windows have at most 255 pixels. A load and two SXTAB16 for four values.
 */
#ifndef EW_AVERAGE_POOL_2D_S8_DSP_H
#define EW_AVERAGE_POOL_2D_S8_DSP_H

#include "ew_dsp.h"
#include "pool_2d_s8.h"

/* sum / count, halves away from zero. */
EW_INLINE int8_t ew_average_pool_2d_s8_dsp_mean(int32_t sum, int32_t count, int32_t act_min,
                                                int32_t act_max) {
    const int32_t half = count / 2;
    return (int8_t)ew_clamp((sum > 0 ? sum + half : sum - half) / count, act_min, act_max);
}

/* Four channels of one window whose first pixel is at `from`. */
EW_INLINE void ew_average_pool_2d_s8_dsp_four(const int8_t *from, int32_t rows, int32_t columns,
                                              int32_t row_step, int32_t step, int8_t *out,
                                              int32_t act_min, int32_t act_max) {
    const int32_t count = rows * columns;
    uint32_t even = 0, odd = 0;
    for (; rows > 0; rows--, from += row_step) {
        const int8_t *pixel = from;
        EW_UNROLL(4)
        for (int32_t x = 0; x < columns; x++, pixel += step) {
            const uint32_t word = ew_load_word(pixel);
            even = ew_sxtab16(even, word);
            odd = ew_sxtab16_odd(odd, word);
        }
    }
    out[0] = ew_average_pool_2d_s8_dsp_mean((int16_t)even, count, act_min, act_max);
    out[1] = ew_average_pool_2d_s8_dsp_mean((int16_t)odd, count, act_min, act_max);
    out[2] = ew_average_pool_2d_s8_dsp_mean((int32_t)even >> 16, count, act_min, act_max);
    out[3] = ew_average_pool_2d_s8_dsp_mean((int32_t)odd >> 16, count, act_min, act_max);
}

/*
 * input [batches][in_h][in_w][in_c], in_c a multiple of 4, output [batches][out_h][out_w][in_c].
 * Four channels are read before they are written.
 */
EW_INLINE void ew_average_pool_2d_s8_dsp(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                         int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        const int8_t *first = image + (area.y0 * w->in_w + area.x0) * w->in_c;
        for (int32_t c = 0; c < w->in_c; c += 4) {
            ew_average_pool_2d_s8_dsp_four(first + c, area.y1 - area.y0, area.x1 - area.x0,
                                           w->in_w * w->in_c, w->in_c, output + c, act_min,
                                           act_max);
        }
    }
}

#endif

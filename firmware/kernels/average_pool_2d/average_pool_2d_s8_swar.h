/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 AVERAGE_POOL_2D for cores without DSP instructions: four channels at a time, two sums in a
 * word. Bytes are made unsigned by turning their sign bits, so that halves never borrow from each
 * other; 128 for each pixel comes off again at the end. For windows of at most 257 pixels and
 * multiples of four channels.
 */
#ifndef EW_AVERAGE_POOL_2D_S8_SWAR_H
#define EW_AVERAGE_POOL_2D_S8_SWAR_H

#include "pool_2d_s8.h"

/* sum / count, halves away from zero. */
EW_INLINE int8_t ew_average_pool_2d_s8_swar_mean(uint32_t biased, int32_t count, int32_t act_min,
                                                 int32_t act_max) {
    const int32_t sum = (int32_t)biased - 128 * count, half = count / 2;
    return (int8_t)ew_clamp((sum > 0 ? sum + half : sum - half) / count, act_min, act_max);
}

/* Four channels of a window whose first pixel is at `from`. */
EW_INLINE void ew_average_pool_2d_s8_swar_four(const int8_t *from, int32_t rows, int32_t columns,
                                               int32_t row_step, int32_t step, int8_t *out,
                                               int32_t act_min, int32_t act_max) {
    const int32_t count = rows * columns;
    uint32_t even = 0, odd = 0;
    for (; rows > 0; rows--, from += row_step) {
        const int8_t *pixel = from;
        for (int32_t x = 0; x < columns; x++, pixel += step) {
            uint32_t word;
            memcpy(&word, __builtin_assume_aligned(pixel, 4), 4);
            word ^= 0x80808080U;
            even += word & 0xFF00FFU;
            odd += (word >> 8) & 0xFF00FFU;
        }
    }
    out[0] = ew_average_pool_2d_s8_swar_mean(even & 0xFFFFU, count, act_min, act_max);
    out[1] = ew_average_pool_2d_s8_swar_mean(odd & 0xFFFFU, count, act_min, act_max);
    out[2] = ew_average_pool_2d_s8_swar_mean(even >> 16, count, act_min, act_max);
    out[3] = ew_average_pool_2d_s8_swar_mean(odd >> 16, count, act_min, act_max);
}

/*
 * input [batches][in_h][in_w][in_c] at a multiple of 4, output [batches][out_h][out_w][in_c]. Four
 * channels are read before they are written.
 */
EW_INLINE void ew_average_pool_2d_s8_swar(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                          int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        const int8_t *first = image + (area.y0 * w->in_w + area.x0) * w->in_c;
        for (int32_t c = 0; c < w->in_c; c += 4) {
            ew_average_pool_2d_s8_swar_four(first + c, area.y1 - area.y0, area.x1 - area.x0,
                                            w->in_w * w->in_c, w->in_c, output + c, act_min,
                                            act_max);
        }
    }
}

#endif

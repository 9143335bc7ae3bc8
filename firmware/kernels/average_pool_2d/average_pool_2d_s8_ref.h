/* SPDX-License-Identifier: Apache-2.0 */
/* int8 AVERAGE_POOL_2D in portable C: the mean of the part of the window inside the image, halves
 * away from zero. */
#ifndef EW_AVERAGE_POOL_2D_S8_REF_H
#define EW_AVERAGE_POOL_2D_S8_REF_H

#include "pool_2d_s8.h"

EW_INLINE int32_t ew_average_pool_2d_s8_ref_mean(int32_t sum, int32_t count) {
    return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]; no window lies wholly
 * outside. */
EW_INLINE void ew_average_pool_2d_s8_ref(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                         int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        for (int32_t c = 0; c < w->in_c; c++) {
            int32_t sum = 0;
            for (int32_t y = area.y0; y < area.y1; y++) {
                for (int32_t x = area.x0; x < area.x1; x++) {
                    sum += image[(y * w->in_w + x) * w->in_c + c];
                }
            }
            const int32_t count = (area.y1 - area.y0) * (area.x1 - area.x0);
            output[c] =
                (int8_t)ew_clamp(ew_average_pool_2d_s8_ref_mean(sum, count), act_min, act_max);
        }
    }
}

#endif

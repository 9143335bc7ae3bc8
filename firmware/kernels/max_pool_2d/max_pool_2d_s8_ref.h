/* SPDX-License-Identifier: Apache-2.0 */
/* int8 MAX_POOL_2D in portable C. */
#ifndef EW_MAX_POOL_2D_S8_REF_H
#define EW_MAX_POOL_2D_S8_REF_H

#include "pool_2d_s8.h"

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]. */
EW_INLINE void ew_max_pool_2d_s8_ref(const ew_pool_2d_s8_shape *s, const int8_t *input,
                                     int8_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++, output += w->in_c) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int8_t *image = input + (i / pixels) * w->in_h * w->in_w * w->in_c;
        const int8_t *first = image + (area.y0 * w->in_w + area.x0) * w->in_c;
        const int32_t rows = area.y1 - area.y0, columns = area.x1 - area.x0;
        for (int32_t c = 0; c < w->in_c; c++, first++) {
            int32_t most = INT8_MIN;
            for (int32_t y = 0; y < rows; y++) {
                for (int32_t x = 0; x < columns; x++) {
                    most = ew_max(most, first[(y * w->in_w + x) * w->in_c]);
                }
            }
            output[c] = (int8_t)ew_clamp(most, act_min, act_max);
        }
    }
}

#endif

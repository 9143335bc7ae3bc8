/* SPDX-License-Identifier: Apache-2.0 */
/* int16 MAX_POOL_2D in portable C. */
#ifndef EW_MAX_POOL_2D_S16_REF_H
#define EW_MAX_POOL_2D_S16_REF_H

#include "pool_2d_s8.h"

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]; no window lies wholly
 * outside, and input and output do not overlap. */
EW_INLINE void ew_max_pool_2d_s16_ref(const ew_pool_2d_s8_shape *s, const int16_t *input,
                                      int16_t *output, int32_t act_min, int32_t act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const int16_t *image = input + i / pixels * w->in_h * w->in_w * w->in_c;
        for (int32_t c = 0; c < w->in_c; c++) {
            int32_t value = INT16_MIN;
            for (int32_t y = area.y0; y < area.y1; y++) {
                const int16_t *x = image + (y * w->in_w + area.x0) * w->in_c + c;
                for (int32_t n = area.x0; n < area.x1; n++, x += w->in_c) {
                    value = ew_max(value, *x);
                }
            }
            *output++ = (int16_t)ew_clamp(value, act_min, act_max);
        }
    }
}

#endif

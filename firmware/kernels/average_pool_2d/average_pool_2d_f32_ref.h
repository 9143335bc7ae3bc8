/* SPDX-License-Identifier: Apache-2.0 */
/* float32 AVERAGE_POOL_2D in portable C. */
#ifndef EW_AVERAGE_POOL_2D_F32_REF_H
#define EW_AVERAGE_POOL_2D_F32_REF_H

#include "ew_float.h"
#include "pool_2d_s8.h"

/* input [batches][in_h][in_w][in_c], output [batches][out_h][out_w][in_c]; no window lies wholly
 * outside, and input and output do not overlap. */
EW_INLINE void ew_average_pool_2d_f32_ref(const ew_pool_2d_s8_shape *s, const float *input,
                                          float *output, float act_min, float act_max) {
    const ew_window *w = &s->window;
    const int32_t pixels = w->out_h * w->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const ew_pool_area area = ew_pool_2d_s8_area(w, i % pixels);
        const float *image = input + i / pixels * w->in_h * w->in_w * w->in_c;
        for (int32_t c = 0; c < w->in_c; c++) {
            float value = 0.0F;
            for (int32_t y = area.y0; y < area.y1; y++) {
                const float *x = image + (y * w->in_w + area.x0) * w->in_c + c;
                for (int32_t n = area.x0; n < area.x1; n++, x += w->in_c) {
                    value += *x;
                }
            }
            const int32_t count = (area.y1 - area.y0) * (area.x1 - area.x0);
            *output++ = ew_clamp_f32(value / (float)count, act_min, act_max);
        }
    }
}

#endif

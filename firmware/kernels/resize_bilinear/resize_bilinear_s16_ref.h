/* SPDX-License-Identifier: Apache-2.0 */
/* int16 RESIZE_BILINEAR in portable C: as that of int8, with sums of 64 bits. */
#ifndef EW_RESIZE_BILINEAR_S16_REF_H
#define EW_RESIZE_BILINEAR_S16_REF_H

#include "resize_bilinear_s8_ref.h"

/* x / 2^20, halves away from zero. */
EW_INLINE int32_t ew_resize_bilinear_s16_round(int64_t x) {
    return (int32_t)((x + (x > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels]; they do not
 * overlap. */
EW_INLINE void ew_resize_bilinear_s16_ref(const ew_resize_bilinear_s8_shape *s,
                                          const int16_t *input, int16_t *output) {
    const int32_t row = s->in_w * s->channels, pixels = s->out_h * s->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int16_t *image = input + i / pixels * s->in_h * row;
        const ew_resize_bilinear_s8_place y =
            ew_resize_bilinear_s8_at(i % pixels / s->out_w * s->y_scale + s->y_start, s->in_h);
        const ew_resize_bilinear_s8_place x =
            ew_resize_bilinear_s8_at(i % s->out_w * s->x_scale + s->x_start, s->in_w);
        const int16_t *top = image + y.first * row, *bottom = image + y.second * row;
        for (int32_t c = 0; c < s->channels; c++) {
            const int32_t left = top[x.first * s->channels + c] * (1024 - y.share) +
                                 bottom[x.first * s->channels + c] * y.share;
            const int32_t right = top[x.second * s->channels + c] * (1024 - y.share) +
                                  bottom[x.second * s->channels + c] * y.share;
            *output++ = (int16_t)ew_resize_bilinear_s16_round((int64_t)left * (1024 - x.share) +
                                                              (int64_t)right * x.share);
        }
    }
}

#endif

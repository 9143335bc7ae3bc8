/* SPDX-License-Identifier: Apache-2.0 */
/* float32 RESIZE_BILINEAR in portable C. */
#ifndef EW_RESIZE_BILINEAR_F32_REF_H
#define EW_RESIZE_BILINEAR_F32_REF_H

#include "ew_float.h"

typedef struct {
    int32_t batches, in_h, in_w, channels, out_h, out_w;
    int32_t half_pixel_centers;
} ew_resize_bilinear_f32_shape;

/* The neighbours of a place and how far it is from the first of them. */
typedef struct {
    int32_t first, second;
    float share;
} ew_resize_bilinear_f32_place;

EW_INLINE ew_resize_bilinear_f32_place ew_resize_bilinear_f32_at(int32_t i, float scale,
                                                                 int32_t size, int32_t half) {
    const float at = half ? ((float)i + 0.5F) * scale - 0.5F : (float)i * scale;
    const int32_t first = ew_max((int32_t)floorf(at), 0);
    const ew_resize_bilinear_f32_place place = {first, ew_min((int32_t)ceilf(at), size - 1),
                                                at - (float)first};
    return place;
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels]; they do not
 * overlap. */
EW_INLINE void ew_resize_bilinear_f32_ref(const ew_resize_bilinear_f32_shape *s, const float *input,
                                          float *output, float y_scale, float x_scale) {
    const int32_t row = s->in_w * s->channels, pixels = s->out_h * s->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const float *image = input + i / pixels * s->in_h * row;
        const ew_resize_bilinear_f32_place y = ew_resize_bilinear_f32_at(
            i % pixels / s->out_w, y_scale, s->in_h, s->half_pixel_centers);
        const ew_resize_bilinear_f32_place x =
            ew_resize_bilinear_f32_at(i % s->out_w, x_scale, s->in_w, s->half_pixel_centers);
        const float *top = image + y.first * row, *bottom = image + y.second * row;
        for (int32_t c = 0; c < s->channels; c++) {
            const int32_t left = x.first * s->channels + c, right = x.second * s->channels + c;
            *output++ = top[left] * (1.0F - y.share) * (1.0F - x.share) +
                        bottom[left] * y.share * (1.0F - x.share) +
                        top[right] * (1.0F - y.share) * x.share + bottom[right] * y.share * x.share;
        }
    }
}

#endif

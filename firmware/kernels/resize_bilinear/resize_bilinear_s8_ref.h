/* SPDX-License-Identifier: Apache-2.0 */
/* int8 RESIZE_BILINEAR in portable C. Places in the input are whole numbers of 1/1024 pixel. */
#ifndef EW_RESIZE_BILINEAR_S8_REF_H
#define EW_RESIZE_BILINEAR_S8_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t batches, in_h, in_w, channels, out_h, out_w;
    int32_t y_scale, y_start; /* row i of the output lies at row i * y_scale + y_start */
    int32_t x_scale, x_start;
} ew_resize_bilinear_s8_shape;

/* The neighbours of a place and how far it is from the first of them. */
typedef struct {
    int32_t first, second, share;
} ew_resize_bilinear_s8_place;

EW_INLINE ew_resize_bilinear_s8_place ew_resize_bilinear_s8_at(int32_t at, int32_t size) {
    const int32_t first = ew_max(at / 1024, 0);
    const ew_resize_bilinear_s8_place place = {first, ew_min((at + 1023) / 1024, size - 1),
                                               at - first * 1024};
    return place;
}

/* x / 2^20, halves away from zero. */
EW_INLINE int32_t ew_resize_bilinear_s8_round(int32_t x) {
    return (x + (x > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20);
}

/* input [batches][in_h][in_w][channels], output [batches][out_h][out_w][channels]; they do not
 * overlap. */
EW_INLINE void ew_resize_bilinear_s8_ref(const ew_resize_bilinear_s8_shape *s, const int8_t *input,
                                         int8_t *output) {
    const int32_t row = s->in_w * s->channels, pixels = s->out_h * s->out_w;
    for (int32_t i = 0; i < s->batches * pixels; i++) {
        const int8_t *image = input + i / pixels * s->in_h * row;
        const ew_resize_bilinear_s8_place y =
            ew_resize_bilinear_s8_at(i % pixels / s->out_w * s->y_scale + s->y_start, s->in_h);
        const ew_resize_bilinear_s8_place x =
            ew_resize_bilinear_s8_at(i % s->out_w * s->x_scale + s->x_start, s->in_w);
        const int8_t *top = image + y.first * row, *bottom = image + y.second * row;
        for (int32_t c = 0; c < s->channels; c++) {
            const int32_t left = top[x.first * s->channels + c] * (1024 - y.share) +
                                 bottom[x.first * s->channels + c] * y.share;
            const int32_t right = top[x.second * s->channels + c] * (1024 - y.share) +
                                  bottom[x.second * s->channels + c] * y.share;
            *output++ =
                (int8_t)ew_resize_bilinear_s8_round(left * (1024 - x.share) + right * x.share);
        }
    }
}

#endif

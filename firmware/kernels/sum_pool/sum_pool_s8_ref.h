/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUM_POOL in portable C: the sum of each block of pixels, channel by channel, as int16. Blocks at
 * the lower and right border end with the image.
 */
#ifndef EW_SUM_POOL_S8_REF_H
#define EW_SUM_POOL_S8_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t block_h, block_w; /* block_h * block_w <= 255: no sum leaves int16 */
} ew_sum_pool_s8_shape;

/* A row of blocks; `rows` is block_h, or what is left of the image. */
EW_INLINE int16_t *ew_sum_pool_s8_ref_row(const ew_sum_pool_s8_shape *s, const int8_t *image,
                                          int16_t *output, int32_t rows) {
    const int32_t step = s->in_w * s->in_c;
    for (int32_t x = 0; x < s->in_w; x += s->block_w) {
        const int32_t columns = ew_min(s->block_w, s->in_w - x);
        for (int32_t c = 0; c < s->in_c; c++) {
            const int8_t *from = image + x * s->in_c + c;
            int32_t sum = 0;
            for (int32_t y = 0; y < rows; y++) {
                for (int32_t i = 0; i < columns; i++) {
                    sum += from[y * step + i * s->in_c];
                }
            }
            *output++ = (int16_t)sum;
        }
    }
    return output;
}

/* input [batches][in_h][in_w][in_c]; output [batches][blocks down][blocks across][in_c]. A sum is
 * written when its block is read. */
EW_INLINE void ew_sum_pool_s8_ref(const ew_sum_pool_s8_shape *s, const int8_t *input,
                                  int16_t *output) {
    for (int32_t b = 0; b < s->batches; b++) {
        for (int32_t y = 0; y < s->in_h; y += s->block_h) {
            output = ew_sum_pool_s8_ref_row(s, input, output, ew_min(s->block_h, s->in_h - y));
            input += ew_min(s->block_h, s->in_h - y) * s->in_w * s->in_c;
        }
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* SPACE_TO_BATCH_ND in portable C: every so many pixels become an image of their own. */
#ifndef EW_SPACE_TO_BATCH_ND_REF_H
#define EW_SPACE_TO_BATCH_ND_REF_H

#include "ew_kernel.h"

/* The output is [block_h][block_w][batches][out_h][out_w] pixels. */
typedef struct {
    int32_t batches, in_h, in_w;
    int32_t block_h, block_w, out_h, out_w;
    int32_t pad_top, pad_left;
    int32_t bytes; /* of a pixel */
} ew_space_to_batch_nd_shape;

/* `fill` is a byte of the padding. Input and output do not overlap. */
EW_INLINE void ew_space_to_batch_nd_ref(const ew_space_to_batch_nd_shape *s, const int8_t *input,
                                        int8_t *output, int32_t fill) {
    const int32_t images = s->block_h * s->block_w * s->batches;
    for (int32_t i = 0; i < images; i++) {
        const int32_t block = i / s->batches;
        const int8_t *image = input + i % s->batches * s->in_h * s->in_w * s->bytes;
        for (int32_t oy = 0; oy < s->out_h; oy++) {
            const int32_t y = oy * s->block_h + block / s->block_w - s->pad_top;
            for (int32_t ox = 0; ox < s->out_w; ox++, output += s->bytes) {
                const int32_t x = ox * s->block_w + block % s->block_w - s->pad_left;
                if (y >= 0 && y < s->in_h && x >= 0 && x < s->in_w) {
                    memcpy(output, image + (y * s->in_w + x) * s->bytes, (size_t)s->bytes);
                } else {
                    memset(output, fill, (size_t)s->bytes);
                }
            }
        }
    }
}

#endif

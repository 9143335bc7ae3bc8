/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of CONV_2D_FULLY_CONNECTED share. */
#ifndef EW_CONV_DENSE_S8_H
#define EW_CONV_DENSE_S8_H

#include "conv_2d_s8.h"
#include "fully_connected_s8.h"

typedef struct {
    ew_conv_2d_s8_shape conv;          /* batches and groups are 1 */
    ew_fully_connected_s8_shape dense; /* rows is 1 */
    int32_t blocks_h, blocks_w;        /* blocks of pixels of the convolution's output */
    int32_t block_h, block_w;
    int32_t is_max; /* of a block the largest value counts; 0: the sum */
    int32_t pool_min, pool_max;
} ew_conv_dense_s8_shape;

/* Constants of both layers. */
typedef struct {
    const int32_t *bias;       /* [conv.out_c] */
    const int32_t *multiplier; /* [conv.out_c] */
    const int8_t *shift;       /* [conv.out_c] */
    int32_t out_zp, act_min, act_max;
} ew_conv_dense_s8_finish;

EW_INLINE int32_t ew_conv_dense_s8_value(const ew_conv_dense_s8_shape *s,
                                         const ew_conv_dense_s8_finish *f, int32_t acc, int32_t c) {
    const int32_t scaled = s->conv.short_requant
                               ? ew_requantize_short(acc, f->multiplier[c], f->shift[c])
                               : ew_requantize(acc, f->multiplier[c], f->shift[c]);
    return ew_clamp(ew_add_wrap(scaled, f->out_zp), f->act_min, f->act_max);
}

/* acc[unit] += value * weight for the pairs (unit, weight) at `reads`, the first byte of which is
 * their number; returns their end. */
EW_INLINE const uint8_t *ew_conv_dense_s8_spread(const uint8_t *reads, int32_t value,
                                                 int32_t *acc) {
    for (int32_t n = *reads++; n > 0; n--, reads += 2) {
        acc[reads[0]] = ew_mla(acc[reads[0]], value, (int8_t)reads[1]);
    }
    return reads;
}

EW_INLINE void ew_conv_dense_s8_outputs(const ew_fully_connected_s8_shape *s, const int32_t *acc,
                                        int8_t *output, const int32_t *multiplier,
                                        const int8_t *shift, int32_t out_zp, int32_t act_min,
                                        int32_t act_max) {
    for (int32_t c = 0; c < s->out_c; c++) {
        output[c] =
            ew_fully_connected_s8_output(s, acc[c], multiplier, shift, c, out_zp, act_min, act_max);
    }
}

#endif

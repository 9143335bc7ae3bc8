/* SPDX-License-Identifier: Apache-2.0 */
/* int8 FULLY_CONNECTED whose weights are decoded as they are multiplied, in portable C: no weight
 * is ever in RAM, zeros are passed over. */
#ifndef EW_FULLY_CONNECTED_S8_CODED_H
#define EW_FULLY_CONNECTED_S8_CODED_H

#include "ew_weights_coded.h"
#include "fully_connected_s8.h"

typedef struct {
    ew_fully_connected_s8_shape fc;
    int32_t bytes;    /* of the code */
    int32_t channels; /* weights of a row are coded as [channels][depth / channels] */
} ew_fully_connected_s8_coded_shape;

/* acc + x . (a row), where *at is the place of d->value in the row; then its place in the next. */
EW_INLINE int32_t ew_fully_connected_s8_coded_sum(const ew_fully_connected_s8_coded_shape *s,
                                                  ew_weights *d, const int8_t *x, int32_t *at,
                                                  int32_t acc) {
    const int32_t depth = s->fc.depth, plane = depth / s->channels;
    int32_t place = *at, start = 0, channel = 0;
    while (place < depth) {
        for (; place - start >= plane; start += plane) {
            channel++;
        }
        acc = ew_mla(acc, x[(place - start) * s->channels + channel], d->value);
        place += 1 + ew_weights_skip(d);
    }
    *at = place - depth;
    return acc;
}

/* input [rows][depth], output [rows][out_c]; weights [out_c][channels][depth / channels], coded.
 * scratch: the decoder. Returns EW_OK or EW_ERR_WEIGHTS. */
EW_INLINE ew_status ew_fully_connected_s8_coded(const ew_fully_connected_s8_coded_shape *s,
                                                const int8_t *input, int8_t *output,
                                                const int32_t *weights, const int32_t *bias,
                                                const int32_t *multiplier, const int8_t *shift,
                                                int32_t out_zp, int32_t act_min, int32_t act_max,
                                                int8_t *scratch) {
    const ew_fully_connected_s8_shape *const fc = &s->fc;
    ew_weights *const d = (ew_weights *)(void *)scratch;
    ew_status status = EW_OK;
    for (int32_t i = 0; i < fc->rows; i++, input += fc->depth, output += fc->out_c) {
        ew_weights_begin(d, weights, s->bytes, fc->depth * fc->out_c);
        int32_t at = ew_weights_skip(d);
        for (int32_t c = 0; c < fc->out_c; c++) {
            const int32_t acc = ew_fully_connected_s8_coded_sum(s, d, input, &at, bias[c]);
            output[c] = ew_fully_connected_s8_output(fc, acc, multiplier, shift, c, out_zp, act_min,
                                                     act_max);
        }
        status = ew_weights_end(d) == EW_OK ? status : EW_ERR_WEIGHTS;
    }
    return status;
}

#endif

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

/* An input of int8, or of int16 sums. */
typedef struct {
    const int8_t *bytes;
    const int16_t *sums; /* null for int8 */
    int32_t fold;        /* what biases lack of each weight */
} ew_fully_connected_s8_coded_input;

EW_INLINE int32_t ew_fully_connected_s8_coded_x(const ew_fully_connected_s8_coded_input *x,
                                                int32_t i) {
    return x->fold + (x->sums != 0 ? x->sums[i] : x->bytes[i]);
}

/* acc + x . (a row), where *at is the place of d->value in the row; then its place in the next. */
EW_INLINE int32_t ew_fully_connected_s8_coded_sum(const ew_fully_connected_s8_coded_shape *s,
                                                  ew_weights *d,
                                                  const ew_fully_connected_s8_coded_input *x,
                                                  int32_t *at, int32_t acc) {
    const int32_t depth = s->fc.depth, plane = depth / s->channels;
    int32_t place = *at, start = 0, channel = 0;
    while (place < depth) {
        for (; place - start >= plane; start += plane) {
            channel++;
        }
        const int32_t i = (place - start) * s->channels + channel;
        acc = ew_mla(acc, ew_fully_connected_s8_coded_x(x, i), d->value);
        place += 1 + ew_weights_skip(d);
    }
    *at = place - depth;
    return acc;
}

/* Outputs of a row, with all weights from the first. */
EW_INLINE ew_status ew_fully_connected_s8_coded_row(
    const ew_fully_connected_s8_coded_shape *s, const ew_fully_connected_s8_coded_input *x,
    int8_t *output, const int32_t *weights, const int32_t *bias, const int32_t *multiplier,
    const int8_t *shift, int32_t out_zp, int32_t act_min, int32_t act_max, int8_t *scratch) {
    const ew_fully_connected_s8_shape *const fc = &s->fc;
    ew_weights *const d = (ew_weights *)(void *)scratch;
    ew_weights_begin(d, weights, s->bytes, fc->depth * fc->out_c);
    int32_t at = ew_weights_skip(d);
    for (int32_t c = 0; c < fc->out_c; c++) {
        const int32_t acc = ew_fully_connected_s8_coded_sum(s, d, x, &at, bias[c]);
        output[c] =
            ew_fully_connected_s8_output(fc, acc, multiplier, shift, c, out_zp, act_min, act_max);
    }
    return ew_weights_end(d);
}

/* input [rows][depth], output [rows][out_c]; weights [out_c][channels][depth / channels], coded.
 * Biases lack `fold` times each weight. scratch: the decoder. Returns EW_OK or EW_ERR_WEIGHTS. */
EW_INLINE ew_status ew_fully_connected_s8_coded(const ew_fully_connected_s8_coded_shape *s,
                                                const int8_t *input, int8_t *output,
                                                const int32_t *weights, const int32_t *bias,
                                                const int32_t *multiplier, const int8_t *shift,
                                                int32_t out_zp, int32_t act_min, int32_t act_max,
                                                int32_t fold, int8_t *scratch) {
    ew_status status = EW_OK;
    for (int32_t i = 0; i < s->fc.rows; i++, input += s->fc.depth, output += s->fc.out_c) {
        const ew_fully_connected_s8_coded_input x = {input, 0, fold};
        const ew_status of_row = ew_fully_connected_s8_coded_row(
            s, &x, output, weights, bias, multiplier, shift, out_zp, act_min, act_max, scratch);
        status = of_row == EW_OK ? status : EW_ERR_WEIGHTS;
    }
    return status;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that are stored coded, made again in scratch for the kernel that runs next: in the layout
 * that it wants, biases and factors between them where it wants these. */
#ifndef EW_WEIGHTS_DECODE_H
#define EW_WEIGHTS_DECODE_H

#include "ew_weights_coded.h"

/* An array: `times` times `lead` plain bytes, `body` decoded ones, and `tail` plain ones. In
 * `pairs` a decoded byte at an odd place is one less where the byte before it is negative: the two
 * were stored as 256 * second + first. `bytes` is the code's size. */
typedef struct {
    int32_t bytes, lead, body, tail, times, pairs;
} ew_weights_decode_shape;

/* The next `count` weights, zeros included; `ahead` is the place of d->value among them. Returns
 * its place among those behind. */
static EW_NOINLINE int32_t ew_weights_decode_body(ew_weights *d, int8_t *to, int32_t count,
                                                  int32_t ahead) {
    memset(to, 0, (size_t)count);
    while (ahead < count) {
        to[ahead] = (int8_t)d->value;
        ahead += 1 + ew_weights_skip(d);
    }
    return ahead - count;
}

/* `to`: (lead + body + tail) * times bytes; plain (lead + tail) * times. scratch: the decoder, free
 * when this returns. Returns EW_OK or EW_ERR_WEIGHTS. */
static EW_NOINLINE ew_status ew_weights_decode(const ew_weights_decode_shape *s,
                                               const int32_t *code, const int8_t *plain, int8_t *to,
                                               int8_t *scratch) {
    ew_weights *const d = (ew_weights *)(void *)scratch;
    ew_weights_begin(d, code, s->bytes, s->body * s->times);
    int32_t ahead = ew_weights_skip(d);
    for (int32_t time = 0; time < s->times; time++) {
        for (int32_t i = 0; i < s->lead; i++) {
            *to++ = *plain++;
        }
        ahead = ew_weights_decode_body(d, to, s->body, ahead);
        for (int32_t i = 1; s->pairs && i < s->body; i += 2) {
            to[i] = (int8_t)(to[i] - (to[i - 1] < 0));
        }
        to += s->body;
        for (int32_t i = 0; i < s->tail; i++) {
            *to++ = *plain++;
        }
    }
    return ew_weights_end(d);
}

#endif

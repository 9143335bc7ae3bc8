/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Biases and factors of a layer's channels, decoded before its kernel runs; their format stands in
 * edgewright/coding/_channels.py. Broken data gives wrong ones, and no read beyond its end.
 */
#ifndef EW_WEIGHTS_CHANNELS_H
#define EW_WEIGHTS_CHANNELS_H

#include "ew_kernel.h"

typedef struct {
    int32_t channels, bytes; /* how many, and of the code */
} ew_weights_channels_shape;

typedef struct {
    const uint8_t *in;
    uint32_t at, bits; /* the next bit, and how many there are: zeros follow */
} ew_channels_reader;

EW_SHARED uint32_t ew_channels_take(ew_channels_reader *r, uint32_t count) {
    uint32_t value = 0;
    for (; count > 0; count--, r->at++) {
        value <<= 1;
        if (r->at < r->bits) {
            value |= (uint32_t)r->in[r->at >> 3] >> (7 - (r->at & 7)) & 1;
        }
    }
    return value;
}

EW_SHARED uint32_t ew_channels_number(ew_channels_reader *r) {
    const uint32_t length = ew_channels_take(r, 6);
    if (length == 0) {
        return 0;
    }
    const uint32_t below = (length - 1) & 31; /* of broken data it may be more */
    return 1U << below | ew_channels_take(r, below);
}

/* bias, multiplier, shift [channels]. */
EW_INLINE void ew_weights_channels(const ew_weights_channels_shape *s, const uint8_t *code,
                                   int32_t *bias, int32_t *multiplier, int8_t *shift) {
    ew_channels_reader r = {code, 0, 8 * (uint32_t)s->bytes};
    uint32_t once[7];
    for (int32_t i = 0; i < 7; i++) {
        once[i] = ew_channels_number(&r);
    }
    const uint32_t first = once[5] >> 1 ^ (0 - (once[5] & 1));
    for (int32_t i = 0; i < s->channels; i++) {
        const uint32_t right = once[1] + ew_channels_take(&r, once[2] & 31);
        const uint32_t small = ew_channels_take(&r, once[3] & 31);
        uint32_t product = once[0] * (1U << (once[3] & 31) | small);
        while (product - 1 < (1U << 30) - 1) { /* not of 0, which broken data may give */
            product <<= 1;
        }
        const int32_t up = ew_max((int32_t)(right - once[4]), 0) & 31;
        bias[i] = (int32_t)((first + ew_channels_take(&r, once[6] & 63)) << up);
        multiplier[i] = (int32_t)product;
        shift[i] = (int8_t)(right - 64);
    }
}

#endif

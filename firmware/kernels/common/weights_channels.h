/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Biases and factors of a layer's channels, decoded before its kernel runs; their format stands in
 * edgewright/coding/_channels.py. Broken data gives wrong ones, and no read beyond its end.
 */
#ifndef EW_WEIGHTS_CHANNELS_H
#define EW_WEIGHTS_CHANNELS_H

#include "ew_weights_coded.h"

#define EW_CHANNELS_SHIFTS  0 /* first contexts of numbers */
#define EW_CHANNELS_BIASES  64
#define EW_CHANNELS_ONCE    128
#define EW_CHANNELS_FACTORS 192
#define EW_CHANNELS_BELOW   32 /* from there on, bits below the highest */
#define EW_CHANNELS_SIGN    33

typedef struct {
    int32_t channels, bytes; /* how many, and of the code */
} ew_weights_channels_shape;

EW_SHARED uint32_t ew_channels_number(ew_weights *d, uint32_t first) {
    uint32_t length = 0;
    while (length < 32 && ew_weights_bit(d, first + length)) {
        length++;
    }
    if (length == 0) {
        return 0;
    }
    const uint32_t negative = ew_weights_bit(d, first + EW_CHANNELS_SIGN);
    uint32_t size = 1, context = first + EW_CHANNELS_BELOW + length;
    while (--length > 0) {
        size = 2 * size + ew_weights_bit(d, context);
        context = first + EW_CHANNELS_BELOW;
    }
    return negative ? 0 - size : size;
}

/* bias, multiplier, shift [channels]. scratch: the decoder, free when this returns. */
EW_INLINE void ew_weights_channels(const ew_weights_channels_shape *s, const uint8_t *code,
                                   int32_t *bias, int32_t *multiplier, int8_t *shift,
                                   int8_t *scratch) {
    ew_weights *const d = (ew_weights *)(void *)scratch;
    ew_weights_start(d, code, s->bytes);
    const uint32_t factor = ew_channels_number(d, EW_CHANNELS_ONCE);
    const uint32_t precision = ew_channels_number(d, EW_CHANNELS_ONCE);
    uint32_t right = 0;
    for (int32_t i = 0; i < s->channels; i++) {
        right += ew_channels_number(d, EW_CHANNELS_SHIFTS);
        uint32_t product = factor * ew_channels_number(d, EW_CHANNELS_FACTORS);
        while (product - 1 < (1U << 30) - 1) { /* not of 0, which broken data may give */
            product <<= 1;
        }
        const int32_t up = ew_max((int32_t)(right - precision), 0) & 31;
        bias[i] = (int32_t)(ew_channels_number(d, EW_CHANNELS_BIASES) << up);
        multiplier[i] = (int32_t)product;
        shift[i] = (int8_t)right;
    }
}

#endif

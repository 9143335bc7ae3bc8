/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoder of weights that edgewright/coding made: a context-adaptive binary range coder (its format
 * stands there). It gives the weights that are not zero one by one, with the number of zeros before
 * each, so that who multiplies them passes over zeros.
 *
 * All reads are bounded: broken data gives wrong weights, never a read beyond its end nor more
 * weights than were asked for, and ew_weights_end() tells. Neither heap nor division nor long
 * multiplication. Little-endian cores.
 */
#ifndef EW_WEIGHTS_CODED_H
#define EW_WEIGHTS_CODED_H

#include "ew_kernel.h"
#include "ew_types.h"

#define EW_WEIGHTS_FLAGS   0x11 /* kind: a flag for each symbol tells whether it is zero */
#define EW_WEIGHTS_RUNS    0x12 /* kind: runs of zeros */
#define EW_WEIGHTS_LONGEST 126  /* zeros of a run that another run follows */
#define EW_WEIGHTS_VALUES  128  /* first context of values; the sign's */

/* State of a decoder: what a kernel has in its scratch. */
typedef struct {
    uint32_t range, code;
    const uint8_t *in;
    int32_t bytes;        /* from `in` on; negative when data is missing */
    int32_t left;         /* symbols that are still to come */
    int32_t value;        /* what ended the last ew_weights_skip */
    uint32_t history;     /* bit i: whether the symbol i places back is not zero, i = 1..31 */
    const int8_t *header; /* kind, width, values, number of symbols, value by number */
    uint16_t chance[256];
} ew_weights;

#define EW_WEIGHTS_HEADER 8

/* Forms in which decoded weights lie in an array: a byte each; bytes (low, high) of halfwords 256 *
 * high + low, where high is one less if low is negative; halfwords (w0, w1, w1, w2) of three,
 * doubled, or shifted up by the word before them. */
#define EW_WEIGHTS_PLAIN        0
#define EW_WEIGHTS_PAIRS        1
#define EW_WEIGHTS_TAPS         2
#define EW_WEIGHTS_SHIFTED_TAPS 3

EW_SHARED uint32_t ew_weights_bit(ew_weights *d, uint32_t context) {
    uint16_t *const chance = &d->chance[context];
    const uint32_t old = *chance, bound = (d->range >> 12) * old;
    const uint32_t bit = d->code >= bound;
    if (bit) {
        d->code -= bound;
        d->range -= bound;
        *chance = (uint16_t)(old - (old >> 5));
    } else {
        d->range = bound;
        *chance = (uint16_t)(old + ((4096U - old) >> 5));
    }
    if (d->range < (1U << 24)) {
        d->range <<= 8;
        d->code <<= 8;
        if (--d->bytes >= 0) {
            d->code |= *d->in++;
        }
    }
    return bit;
}

/* A number 1..127 in the contexts from `table` on. */
EW_SHARED uint32_t ew_weights_number(ew_weights *d, uint32_t table) {
    uint32_t step = 1, value = 1;
    while (step < 64 && ew_weights_bit(d, table + step)) {
        step <<= 1;
    }
    while (step > 1) {
        value = 2 * value;
        step >>= 1;
        value += ew_weights_bit(d, table + (value + 1) * step);
    }
    return value;
}

/* A symbol that is not zero; of broken data it may be. */
EW_INLINE int32_t ew_weights_value(ew_weights *d) {
    const uint32_t values = (uint8_t)d->header[2];
    if (values != 0) {
        const uint32_t number = ew_weights_number(d, EW_WEIGHTS_VALUES);
        return number > values ? 0 : d->header[EW_WEIGHTS_HEADER - 1 + number];
    }
    const int32_t sign = -(int32_t)ew_weights_bit(d, EW_WEIGHTS_VALUES);
    return ((int32_t)ew_weights_number(d, EW_WEIGHTS_VALUES) ^ sign) - sign;
}

/*
 * Passes over zeros; returns how many there were before the next symbol that is not zero, which is
 * in `value` then, or before the end, with a `value` of 0. Beyond the end: no zeros, and 0. The
 * zeros of broken data may go beyond the end, by 125 at most.
 */
EW_SHARED int32_t ew_weights_skip(ew_weights *d) {
    const int32_t before = d->left;
    uint32_t more = 1; /* whether a run or flag follows the zeros */
    d->value = 0;
    while (more && d->left > 0) {
        if (d->header[0] == EW_WEIGHTS_RUNS) {
            const int32_t zeros = (int32_t)ew_weights_number(d, 0) - 1;
            more = zeros == EW_WEIGHTS_LONGEST;
            d->left -= zeros;
        } else {
            const uint32_t h = d->history;
            more = ew_weights_bit(d, (h & 2) + (h >> (d->header[1] & 31) & 1)) ^ 1U;
            d->history = (h | (more ^ 1U)) << 1;
            d->left -= (int32_t)more;
        }
    }
    const int32_t zeros = before - d->left;
    if (d->left > 0) {
        d->value = ew_weights_value(d);
        d->left--;
    }
    return zeros;
}

/* Begins to decode `count` symbols from `bytes` bytes at a multiple of four; gives none when the
 * data says another number. */
EW_SHARED void ew_weights_begin(ew_weights *d, const void *data, int32_t bytes, int32_t count) {
    const int8_t *const header = (const int8_t *)data;
    for (int32_t i = 0; i < 256; i++) {
        d->chance[i] = 2048;
    }
    d->header = header;
    d->history = 0;
    d->code = 0;
    d->left = 0;
    d->bytes = bytes - EW_WEIGHTS_HEADER - 4;
    if (d->bytes >= 0) {
        d->bytes -= (uint8_t)header[2];
    }
    if (d->bytes < 0 || *(const int32_t *)(const void *)(header + 4) != count) {
        d->bytes = -1;
        return;
    }
    d->left = count;
    d->range = UINT32_MAX;
    d->in = (const uint8_t *)header + EW_WEIGHTS_HEADER + (uint8_t)header[2];
    for (int32_t i = 0; i < 4; i++) {
        d->code = d->code << 8 | *d->in++;
    }
}

/* Whether all data was read, and was what the encoder wrote. To be asked when `count` symbols were
 * decoded. */
EW_SHARED ew_status ew_weights_end(const ew_weights *d) {
    return ((uint32_t)d->left | d->code | (uint32_t)d->bytes) != 0 ? EW_ERR_WEIGHTS : EW_OK;
}

#endif

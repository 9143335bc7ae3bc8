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

#define EW_WEIGHTS_CODED   0x21 /* version of the format */
#define EW_WEIGHTS_HEADER  6    /* version, values, group, classes, run (two bytes) */
#define EW_WEIGHTS_SIGNS   126  /* first context of signs */
#define EW_WEIGHTS_NUMBERS 128  /* before the first context of numbers */

/* State of a decoder: what a kernel has in its scratch. */
typedef struct {
    uint32_t range, code;
    const uint8_t *in;
    int32_t bytes;               /* from `in` on; negative when data is missing */
    int32_t left;                /* symbols that are still to come */
    int32_t value;               /* what ended the last ew_weights_skip */
    int32_t before;              /* the symbol before the next one */
    uint32_t size, classes, run; /* of groups, as the header says */
    uint32_t kind, same;         /* class of the next group, and how many groups are of it still */
    uint32_t place, seen;        /* in a group: the next place; whether a symbol was not zero */
    uint32_t most;               /* values in the table; 0: there is none */
    const int8_t *values;        /* by number, from 1 on */
    uint16_t chance[256];
    uint8_t count[256]; /* decisions that a chance has seen, 16 at most */
} ew_weights;

/* Forms in which decoded weights lie in an array: a byte each; bytes (low, high) of halfwords 256 *
 * high + low, where high is one less if low is negative; halfwords (w0, w1, w1, w2) of three,
 * doubled, or shifted up by the word before them; lists of those that are not zero. */
#define EW_WEIGHTS_PLAIN        0
#define EW_WEIGHTS_PAIRS        1
#define EW_WEIGHTS_TAPS         2
#define EW_WEIGHTS_SHIFTED_TAPS 3
#define EW_WEIGHTS_LISTS        4

EW_SHARED uint32_t ew_weights_bit(ew_weights *d, uint32_t context) {
    const uint32_t old = d->chance[context], bound = (d->range >> 16) * old;
    const uint32_t shift = 2 + ((uint32_t)d->count[context] >> 2), bit = d->code >= bound;
    d->count[context] = (uint8_t)(d->count[context] + (shift < 6));
    if (bit) {
        d->code -= bound;
        d->range -= bound;
        d->chance[context] = (uint16_t)(old - (old >> shift));
    } else {
        d->range = bound;
        d->chance[context] = (uint16_t)(old + ((65536U - old) >> shift));
    }
    while (d->range < (1U << 24)) {
        d->range <<= 8;
        d->code <<= 8;
        if (--d->bytes >= 0) {
            d->code |= *d->in++;
        }
    }
    return bit;
}

/* A number 1..127. */
EW_SHARED uint32_t ew_weights_number(ew_weights *d) {
    uint32_t step = 1, value = 1;
    while (step < 64 && ew_weights_bit(d, EW_WEIGHTS_NUMBERS + step)) {
        step <<= 1;
    }
    while (step > 1) {
        value = 2 * value;
        step >>= 1;
        value += ew_weights_bit(d, EW_WEIGHTS_NUMBERS + (value + 1) * step);
    }
    return value;
}

/* A symbol that is not zero; of broken data it may be. */
EW_INLINE int32_t ew_weights_value(ew_weights *d) {
    uint32_t sign = 0;
    if (d->most == 0) {
        const uint32_t before = d->before == 0 ? 0 : d->before > 0 ? 1 : 2;
        sign = ew_weights_bit(d, EW_WEIGHTS_SIGNS + before);
    }
    const uint32_t number = ew_weights_number(d);
    if (d->most != 0) {
        return number > d->most ? 0 : d->values[number - 1];
    }
    return sign ? -(int32_t)number : (int32_t)number;
}

/* Whether the next symbol is not zero; passes over all of a group of zeros. */
EW_INLINE uint32_t ew_weights_flag(ew_weights *d) {
    const uint32_t place = d->place;
    if (place == 0) {
        const uint32_t any = ew_weights_bit(d, d->kind);
        if (--d->same == 0) {
            d->same = d->run;
            d->kind = d->kind + 1 == d->classes ? 0 : d->kind + 1;
        }
        d->seen = 0;
        if (d->size == 1 || !any) {
            d->left -= (int32_t)d->size;
            return any;
        }
    }
    d->left--;
    d->place = place + 1 == d->size ? 0 : place + 1;
    if (d->place + d->seen == 0 || ew_weights_bit(d, d->classes + 2 * place + d->seen)) {
        d->seen = 1;
        return 1;
    }
    return 0;
}

/*
 * Passes over zeros; returns how many there were before the next symbol that is not zero, which is
 * in `value` then, or before the end, with a `value` of 0. Beyond the end: no zeros, and 0. The
 * zeros of broken data may go beyond the end, by 61 at most.
 */
EW_SHARED int32_t ew_weights_skip(ew_weights *d) {
    const int32_t start = d->left;
    d->value = 0;
    while (d->left > 0) {
        if (ew_weights_flag(d)) {
            d->value = d->before = ew_weights_value(d);
            return start - d->left - 1;
        }
        d->before = 0;
    }
    return start - d->left;
}

/* The next symbol, zeros and all. `zeros` are those that come before d->value; below 0 at first. */
EW_SHARED int32_t ew_weights_next(ew_weights *d, int32_t *zeros) {
    if (*zeros < 0) {
        *zeros = ew_weights_skip(d);
    }
    return (*zeros)-- > 0 ? 0 : d->value;
}

/* The next byte of coded plain bytes, of which `before` stands in the row before. */
EW_SHARED int8_t ew_weights_plain(ew_weights *d, int32_t *zeros, int8_t before) {
    const int32_t low = ew_weights_next(d, zeros) & 15;
    return (int8_t)(before ^ (low | (ew_weights_next(d, zeros) & 15) << 4));
}

/* Begins with what the range coder made: `bytes` bytes, four at least, and zeros behind them. */
EW_SHARED void ew_weights_start(ew_weights *d, const uint8_t *in, int32_t bytes) {
    for (int32_t i = 0; i < 256; i++) {
        d->chance[i] = 32768;
        d->count[i] = 0;
    }
    d->range = UINT32_MAX;
    d->code = 0;
    d->in = in;
    d->bytes = bytes - 4;
    for (int32_t i = 0; i < 4; i++) {
        d->code = d->code << 8 | *d->in++;
    }
}

/* Begins to decode `count` symbols from `bytes` bytes; gives none when the data is of another
 * version, or says what cannot be. */
EW_SHARED void ew_weights_begin(ew_weights *d, const void *data, int32_t bytes, int32_t count) {
    const uint8_t *const in = (const uint8_t *)data;
    const int32_t left = bytes - EW_WEIGHTS_HEADER - 4;
    d->code = d->kind = d->place = 0;
    d->left = d->before = 0;
    if (left < 0 || left < in[1] || in[0] != EW_WEIGHTS_CODED || in[2] == 0 || in[3] == 0 ||
        in[3] + 2 * (in[2] - 1) > EW_WEIGHTS_SIGNS) {
        d->bytes = -1;
        return;
    }
    d->left = count;
    d->most = in[1];
    d->size = in[2];
    d->classes = in[3];
    d->run = d->same = in[4] | (uint32_t)in[5] << 8;
    d->values = (const int8_t *)in + EW_WEIGHTS_HEADER;
    ew_weights_start(d, in + EW_WEIGHTS_HEADER + in[1], bytes - EW_WEIGHTS_HEADER - in[1]);
}

/* Whether all data was read, and was what the encoder wrote. To be asked when `count` symbols were
 * decoded. */
EW_SHARED ew_status ew_weights_end(const ew_weights *d) {
    return ((uint32_t)d->left | d->code | (uint32_t)d->bytes) != 0 ? EW_ERR_WEIGHTS : EW_OK;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that are stored coded, made again in scratch for the kernel that runs next: in the layout
 * that it wants, biases and factors between them where it wants these. */
#ifndef EW_WEIGHTS_DECODE_H
#define EW_WEIGHTS_DECODE_H

#include "ew_weights_coded.h"

/* An array: `times` times `lead` plain bytes, `body` decoded weights in a form of
 * ew_weights_coded.h, and `tail` plain bytes. Lists: of `lead` channels, `body` units and `tail`
 * blocks, in `times` bytes. `bytes` is the code's size. Where `plain_bytes` are not 0, the plain
 * bytes are coded in so many: nibbles, low ones first, of what each is other than in the row
 * before. */
typedef struct {
    int32_t bytes, lead, body, tail, times, form, plain_bytes;
} ew_weights_decode_shape;

/* The next `count` weights, zeros included; `ahead` is the place of d->value among them. Returns
 * its place among those behind. */
EW_SHARED int32_t ew_weights_decode_body(ew_weights *d, int8_t *to, int32_t count, int32_t ahead) {
    memset(to, 0, (size_t)count);
    while (ahead < count) {
        to[ahead] = (int8_t)d->value;
        ahead += 1 + ew_weights_skip(d);
    }
    return ahead - count;
}

/* Brings `body` bytes into their form, where they lie; returns the end. */
EW_INLINE int8_t *ew_weights_decode_form(const ew_weights_decode_shape *s, int8_t *to) {
    if (s->form < EW_WEIGHTS_TAPS) {
        for (int32_t i = 1; s->form == EW_WEIGHTS_PAIRS && i < s->body; i += 2) {
            to[i] = (int8_t)(to[i] - (to[i - 1] < 0));
        }
        return to + s->body;
    }
    const int32_t lines = s->body / 3, scale = 1 << (s->form == EW_WEIGHTS_TAPS ? 1 : to[-4] & 15);
    for (int32_t i = lines - 1; i >= 0;
         i--) { /* from the last, as they take more than a byte each */
        const int32_t w0 = to[3 * i], w1 = to[3 * i + 1], w2 = to[3 * i + 2];
        int16_t *const line = (int16_t *)(void *)to + 4 * i;
        line[0] = (int16_t)(w0 * scale);
        line[1] = line[2] = (int16_t)(w1 * scale);
        line[3] = (int16_t)(w2 * scale);
    }
    return to + 8 * lines;
}

/* Puts coded plain bytes where they belong. */
EW_SHARED ew_status ew_weights_decode_plain(const ew_weights_decode_shape *s, const int8_t *plain,
                                            int8_t *to, ew_weights *d) {
    const int32_t body = s->form < EW_WEIGHTS_TAPS ? s->body : s->body / 3 * 8;
    const int32_t beside = s->lead + s->tail, row = beside + body;
    int32_t zeros = -1;
    ew_weights_begin(d, plain, s->plain_bytes, 2 * beside * s->times);
    for (int32_t time = 0; time < s->times; time++, to += row) {
        for (int32_t i = 0; i < beside; i++) {
            int8_t *const byte = to + (i < s->lead ? i : i + body);
            *byte = ew_weights_plain(d, &zeros, time > 0 ? byte[-row] : 0);
        }
    }
    return ew_weights_end(d);
}

/* Copies plain bytes, unless they are there already. */
EW_INLINE const int8_t *ew_weights_decode_copy(const ew_weights_decode_shape *s, int8_t **to,
                                               const int8_t *plain, int32_t count) {
    for (int32_t i = 0; s->plain_bytes == 0 && i < count; i++) {
        (*to)[i] = *plain++;
    }
    *to += count;
    return plain;
}

EW_SHARED ew_status ew_weights_decode_rows(const ew_weights_decode_shape *s, const int32_t *code,
                                           const int8_t *plain, int8_t *to, int8_t *scratch) {
    ew_weights *const d = (ew_weights *)(void *)scratch;
    ew_status status = EW_OK;
    if (s->plain_bytes != 0) {
        status = ew_weights_decode_plain(s, plain, to, d);
    }
    ew_weights_begin(d, code, s->bytes, s->body * s->times);
    int32_t ahead = ew_weights_skip(d);
    for (int32_t time = 0; time < s->times; time++) {
        plain = ew_weights_decode_copy(s, &to, plain, s->lead);
        ahead = ew_weights_decode_body(d, to, s->body, ahead);
        to = ew_weights_decode_form(s, to);
        plain = ew_weights_decode_copy(s, &to, plain, s->tail);
    }
    return status != EW_OK ? status : ew_weights_end(d);
}

/* For each block how many of its channels have weights that are not zero; for each of these the
 * channel, how many, and pairs of unit and weight. */
EW_SHARED ew_status ew_weights_decode_lists(const ew_weights_decode_shape *s, const int32_t *code,
                                            int8_t *to, int8_t *scratch) {
    ew_weights *const d = (ew_weights *)(void *)scratch;
    const int8_t *const end = to + s->times;
    ew_weights_begin(d, code, s->bytes, s->lead * s->body * s->tail);
    int32_t ahead = ew_weights_skip(d);
    for (int32_t block = 0; block < s->tail; block++) {
        int8_t *const channels = to++;
        *channels = 0;
        for (int32_t channel = 0; channel < s->lead; channel++, ahead -= s->body) {
            int8_t *const list = to;
            for (; ahead < s->body; ahead += 1 + ew_weights_skip(d)) {
                if (end - to < (to == list ? 4 : 2) + s->tail - 1 - block) {
                    return EW_ERR_WEIGHTS; /* each block behind this one needs a byte, too */
                }
                if (to == list) {
                    ++*channels;
                    *to++ = (int8_t)channel;
                    *to++ = 0;
                }
                list[1]++;
                *to++ = (int8_t)ahead;
                *to++ = (int8_t)d->value;
            }
        }
    }
    return ew_weights_end(d);
}

/* `to`: all bytes of the array; plain (lead + tail) * times. scratch: the decoder, free when this
 * returns. Returns EW_OK or EW_ERR_WEIGHTS. */
EW_INLINE ew_status ew_weights_decode(const ew_weights_decode_shape *s, const int32_t *code,
                                      const int8_t *plain, int8_t *to, int8_t *scratch) {
    return s->form == EW_WEIGHTS_LISTS ? ew_weights_decode_lists(s, code, to, scratch)
                                       : ew_weights_decode_rows(s, code, plain, to, scratch);
}

#endif

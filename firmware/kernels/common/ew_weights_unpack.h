/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constant arrays that are stored coded, made again once: for models that are unpacked into RAM
 * when they start, or into flash when they are installed.
 *
 * Pieces follow one another, each from a multiple of EW_WEIGHTS_PLACE bytes on, with zeros between
 * them. They are written in blocks of EW_WEIGHTS_BLOCK bytes, the last of which may be smaller, in
 * order, each byte once. Two decoders and a block are on the stack: 2 KiB.
 */
#ifndef EW_WEIGHTS_UNPACK_H
#define EW_WEIGHTS_UNPACK_H

#include "ew_weights_coded.h"

#define EW_WEIGHTS_PLACE  8
#define EW_WEIGHTS_BLOCK  256

#define EW_WEIGHTS_BESIDE 63 /* coded plain bytes of a row, at most */

/* An array: `times` times `lead` plain bytes, `body` decoded weights in a form of
 * ew_weights_coded.h, and `tail` plain bytes, which may be coded as in weights_decode.h. */
typedef struct {
    const void *code, *plain;
    int32_t code_bytes, lead, body, tail, times, form, plain_bytes;
} ew_weights_piece;

typedef struct {
    ew_weights_write *write;
    void *context;
    int32_t place; /* of the block */
    int32_t count; /* bytes in it */
    ew_status status;
    int8_t block[EW_WEIGHTS_BLOCK];
} ew_weights_sink;

EW_SHARED void ew_weights_flush(ew_weights_sink *sink) {
    if (sink->count > 0 && sink->status == EW_OK) {
        sink->status = sink->write(sink->context, sink->place, sink->block, sink->count);
    }
    sink->place += sink->count;
    sink->count = 0;
}

EW_SHARED void ew_weights_put(ew_weights_sink *sink, int32_t byte) {
    sink->block[sink->count++] = (int8_t)byte;
    if (sink->count == EW_WEIGHTS_BLOCK) {
        ew_weights_flush(sink);
    }
}

/* Where the plain bytes of a piece come from. */
typedef struct {
    ew_weights decoder;
    int32_t zeros;
    const int8_t *raw;
    int8_t row[EW_WEIGHTS_BESIDE]; /* as they were in the row before */
} ew_weights_beside;

/* Those of a row from `first` to `end`; returns the fourth last, the shift of SHIFTED_TAPS. */
EW_SHARED int32_t ew_weights_copy(ew_weights_sink *sink, ew_weights_beside *from,
                                  const ew_weights_piece *piece, int32_t first, int32_t end) {
    int32_t fourth = 0;
    for (int32_t i = first; i < end; i++) {
        int32_t byte;
        if (piece->plain_bytes != 0) {
            byte = from->row[i] = ew_weights_plain(&from->decoder, &from->zeros, from->row[i]);
        } else {
            byte = *from->raw++;
        }
        fourth = end - i == 4 ? byte : fourth;
        ew_weights_put(sink, byte);
    }
    return fourth;
}

/* Halfwords (w0, w1, w1, w2). */
EW_SHARED void ew_weights_put_line(ew_weights_sink *sink, const int32_t *w, int32_t scale) {
    for (int32_t i = 0; i < 4; i++) {
        const int32_t half = w[i - (i >> 1)] * scale;
        ew_weights_put(sink, half);
        ew_weights_put(sink, half >> 8);
    }
}

EW_SHARED ew_status ew_weights_unpack_piece(ew_weights_sink *sink, const ew_weights_piece *piece,
                                            ew_weights *d, ew_weights_beside *from) {
    const int32_t beside = piece->lead + piece->tail;
    int32_t zeros = -1;
    from->raw = (const int8_t *)piece->plain;
    from->zeros = -1;
    if (piece->plain_bytes != 0) {
        ew_weights_begin(&from->decoder, piece->plain, piece->plain_bytes,
                         2 * beside * piece->times);
        memset(from->row, 0, sizeof from->row);
    }
    ew_weights_begin(d, piece->code, piece->code_bytes, piece->body * piece->times);
    for (int32_t time = 0; time < piece->times && sink->status == EW_OK; time++) {
        int32_t line[3] = {0}, place = 0, before = 0;
        const int32_t shift = ew_weights_copy(sink, from, piece, 0, piece->lead);
        const int32_t scale = 1 << (piece->form == EW_WEIGHTS_SHIFTED_TAPS ? shift & 15 : 1);
        for (int32_t i = 0; i < piece->body; i++) {
            const int32_t weight = ew_weights_next(d, &zeros);
            if (piece->form < EW_WEIGHTS_TAPS) {
                ew_weights_put(sink, weight - ((i & piece->form) && before < 0));
                before = weight;
                continue;
            }
            line[place++] = weight;
            if (place == 3) {
                ew_weights_put_line(sink, line, scale);
                place = 0;
            }
        }
        ew_weights_copy(sink, from, piece, piece->lead, beside);
    }
    while ((sink->place + sink->count) % EW_WEIGHTS_PLACE != 0) {
        ew_weights_put(sink, 0);
    }
    if (sink->status == EW_OK && piece->plain_bytes != 0) {
        sink->status = ew_weights_end(&from->decoder);
    }
    return sink->status != EW_OK ? sink->status : ew_weights_end(d);
}

/* Unpacks all pieces; ends early where one is broken, or where `write` returns another status than
 * EW_OK. */
EW_SHARED ew_status ew_weights_unpack(const ew_weights_piece *pieces, int32_t count,
                                      ew_weights_write *write, void *context) {
    ew_weights decoder;
    ew_weights_beside beside;
    ew_weights_sink sink;
    sink.write = write;
    sink.context = context;
    sink.place = sink.count = 0;
    sink.status = EW_OK;
    for (int32_t i = 0; i < count; i++) {
        const ew_status status = ew_weights_unpack_piece(&sink, &pieces[i], &decoder, &beside);
        if (status != EW_OK) {
            return status;
        }
    }
    ew_weights_flush(&sink);
    return sink.status;
}

/* An ew_weights_write to memory; `context` is its first byte. */
EW_INLINE ew_status ew_weights_to_memory(void *context, int32_t place, const void *bytes,
                                         int32_t count) {
    int8_t *const to = (int8_t *)context + place;
    const int8_t *const from = (const int8_t *)bytes;
    for (int32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
    return EW_OK;
}

/* CRC-32 (IEEE 802.3) of `count` bytes: it tells whether memory holds the weights that were
 * unpacked into it. */
EW_INLINE uint32_t ew_weights_crc(const void *bytes, int32_t count) {
    const uint8_t *const data = (const uint8_t *)bytes;
    uint32_t crc = UINT32_MAX;
    for (int32_t i = 0; i < count; i++) {
        crc ^= data[i];
        for (int32_t bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xEDB88320U & -(crc & 1));
        }
    }
    return ~crc;
}

#endif

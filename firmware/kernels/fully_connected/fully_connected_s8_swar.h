/* SPDX-License-Identifier: Apache-2.0 */
/*
 * int8 FULLY_CONNECTED for cores without DSP instructions: sums of four output channels in three
 * words.
 *
 * A word v holds four weights of one element of the input, c0 + (c1 << 8) + (c2 << 16) + (c3 <<
 * 24). Three words are summed over the elements, each with one multiplication and all modulo 2^32:
 *     all  += v * x                       = A0 + (A1 << 8) + (A2 << 16) + (A3 << 24)
 *     back += v with its bytes reversed * x = A3 + (A2 << 8) + (A1 << 16) + (A0 << 24)
 *     top  += (v >> 16) * x               = A2 + (A3 << 8)
 * As long as the four sums fit in 24 bits, which the compiler proves, these 96 bits hold them
 * (`ew_fully_connected_s8_swar_split`). Bytes of v are weights + 128, for only bytes without a sign
 * can be taken from a word by one instruction; so the words begin at -128 * the sum of x.
 *
 * Eight channels are summed at once, in assembly of the core where its header defines
 * EW_FULLY_CONNECTED_S8_SWAR_SUM(lines) and the lines for eight channels and for four.
 */
#ifndef EW_FULLY_CONNECTED_S8_SWAR_H
#define EW_FULLY_CONNECTED_S8_SWAR_H

#include "ew_swar_words.h"

typedef struct {
    int32_t rows;        /* of the input: a batch */
    int32_t depth;       /* elements of a row */
    int32_t out_c;       /* elements of a row of the output */
    int32_t per_channel; /* 1: a multiplier and shift for each channel, 0: one for all */
} ew_fully_connected_s8_swar_shape;

/* What becomes of sums. */
typedef struct {
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int32_t out_zp, act_min, act_max;
} ew_fully_connected_s8_swar_ends;

/* Adds to two times (all, back, top); weights [depth][2]. */
EW_INLINE void ew_fully_connected_s8_swar_sum8(const int8_t *x, int32_t depth,
                                               const uint32_t *weights, uint32_t words[6]) {
#ifdef EW_FULLY_CONNECTED_S8_SWAR_SUM
    EW_FULLY_CONNECTED_S8_SWAR_SUM(EW_FULLY_CONNECTED_S8_SWAR_SUM8);
#else
    ew_swar_words_plain(x, depth, weights, 2, words);
#endif
}

/* Adds to (all, back, top); weights [depth]. What is in the other words is lost. */
EW_INLINE void ew_fully_connected_s8_swar_sum4(const int8_t *x, int32_t depth,
                                               const uint32_t *weights, uint32_t words[6]) {
#ifdef EW_FULLY_CONNECTED_S8_SWAR_SUM
    EW_FULLY_CONNECTED_S8_SWAR_SUM(EW_FULLY_CONNECTED_S8_SWAR_SUM4);
#else
    ew_swar_words_plain(x, depth, weights, 1, words);
#endif
}

/* -128 * the sum of a row: what the words begin with, but for its place in them. */
EW_INLINE uint32_t ew_fully_connected_s8_swar_offset(const int8_t *x, int32_t depth) {
    int32_t sum = 0;
    EW_UNROLL(4)
    for (int32_t k = 0; k < depth; k++) {
        sum += x[k];
    }
    return (uint32_t)sum * (uint32_t)-128;
}

/* Four sums of less than 2^23 in magnitude from (all, back, top). */
EW_INLINE void ew_fully_connected_s8_swar_split(const uint32_t words[3], int32_t sums[4]) {
    const uint32_t all = words[0], back = words[1], top = words[2];
    const uint32_t first = all - (top << 16); /* A0 + (A1 << 8) */
    const uint32_t low2 = top & 255, low3 = back & 255;
    /* A2 = low2 + (m2 << 8), A3 = low3 + (m3 << 8): both sums of m2 and m3, modulo 2^24 */
    const uint32_t up = (top >> 8) - low3;                           /* m2 + (m3 << 8) */
    const uint32_t down = (back - (first << 24) - (low2 << 8)) >> 8; /* m3 + ((m2 + A1) << 8) */
    const uint32_t carry = (up >> 8) - (down & 255);                 /* of m2, and m3 above it */
    const int32_t m2 = (int32_t)(up & 255) + 256 * (int8_t)carry;
    const int32_t m3 = (int16_t)((up >> 8) - (uint32_t)(int8_t)carry);
    const uint32_t low1 = ((down >> 8) - (uint32_t)(m3 >> 8) - (uint32_t)m2) & 0xFFFF;
    const uint32_t rest = first - (low1 << 8); /* A0 + (A1 >> 16 << 24) */
    sums[0] = (int32_t)(rest << 8) >> 8;
    const uint32_t high1 = (rest - (uint32_t)sums[0]) >> 24 << 16;
    sums[1] = (int32_t)((low1 + high1) << 8) >> 8;
    sums[2] = (int32_t)low2 + 256 * m2;
    sums[3] = (int32_t)low3 + 256 * m3;
}

/* How a sum with its bias becomes an output, see ew_swar_finish: |acc| < 2^29, shift 2..24. */
typedef struct {
    int32_t multiplier, add, right;
} ew_fully_connected_s8_swar_factors;

EW_INLINE ew_fully_connected_s8_swar_factors
ew_fully_connected_s8_swar_factors_of(const ew_fully_connected_s8_swar_ends *e, int32_t c) {
    const int32_t right = e->shift[c] - 1, half = (1 << right) >> 1;
    const ew_fully_connected_s8_swar_factors found = {e->multiplier[c],
                                                      half + e->out_zp * (1 << right), right};
    return found;
}

/* Up to eight channels from c on. */
EW_INLINE void ew_fully_connected_s8_swar_finish(const ew_fully_connected_s8_swar_shape *s,
                                                 const uint32_t words[6], int8_t *output, int32_t c,
                                                 const ew_fully_connected_s8_swar_ends *e) {
    ew_fully_connected_s8_swar_factors of = ew_fully_connected_s8_swar_factors_of(e, 0);
    int32_t sums[8];
    ew_fully_connected_s8_swar_split(words, sums);
    ew_fully_connected_s8_swar_split(words + 3, sums + 4);
    const int32_t count = ew_min(s->out_c - c, 8);
    for (int32_t i = 0; i < count; i++) {
        if (s->per_channel) {
            of = ew_fully_connected_s8_swar_factors_of(e, c + i);
        }
        const int32_t scaled =
            ew_swar_scale(sums[i] + e->bias[c + i], of.multiplier, of.add, of.right, 1);
        output[c + i] = (int8_t)ew_clamp(scaled, e->act_min, e->act_max);
    }
}

/* A row. */
EW_INLINE void ew_fully_connected_s8_swar_row(const ew_fully_connected_s8_swar_shape *s,
                                              const int8_t *x, int8_t *output,
                                              const uint32_t *weights,
                                              const ew_fully_connected_s8_swar_ends *e) {
    const uint32_t offset = ew_fully_connected_s8_swar_offset(x, s->depth);
    const uint32_t all = offset * 0x01010101U, top = offset * 0x0101U;
    for (int32_t c = 0; c < s->out_c; c += 8) {
        uint32_t words[6] = {all, all, top, all, all, top};
        if (s->out_c - c > 4) {
            ew_fully_connected_s8_swar_sum8(x, s->depth, weights, words);
        } else {
            ew_fully_connected_s8_swar_sum4(x, s->depth, weights, words);
        }
        weights += 2 * s->depth;
        ew_fully_connected_s8_swar_finish(s, words, output, c, e);
    }
}

/* All that a call does, for every shape. */
EW_SHARED void ew_fully_connected_s8_swar_shared(const ew_fully_connected_s8_swar_shape *s,
                                                 const int8_t *input, int8_t *output,
                                                 const int32_t *weights,
                                                 const ew_fully_connected_s8_swar_ends *e) {
    const ew_fully_connected_s8_swar_shape of = *s; /* what is written is none of these */
    const ew_fully_connected_s8_swar_ends ends = *e;
    for (int32_t row = 0; row < of.rows; row++, input += of.depth, output += of.out_c) {
        ew_fully_connected_s8_swar_row(&of, input, output, (const uint32_t *)weights, &ends);
    }
}

/*
 * input [rows][depth], output [rows][out_c]. weights: for each eight channels [depth][2], words of
 * four; for up to four at the end [depth]. In a word the last channel comes first, and each weight
 * as it is + 128. bias - zero_point * sum(weights) of each channel; multiplier and shift [out_c] or
 * [1].
 */
EW_INLINE void ew_fully_connected_s8_swar(const ew_fully_connected_s8_swar_shape *s,
                                          const int8_t *input, int8_t *output,
                                          const int32_t *weights, const int32_t *bias,
                                          const int32_t *multiplier, const int8_t *shift,
                                          int32_t out_zp, int32_t act_min, int32_t act_max) {
    const ew_fully_connected_s8_swar_ends ends = {bias,   multiplier, shift,
                                                  out_zp, act_min,    act_max};
    ew_fully_connected_s8_swar_shared(s, input, output, weights, &ends);
}

#endif

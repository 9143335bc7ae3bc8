/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two pixels in a word: how cores without DSP instructions compute two products with one
 * multiplication.
 *
 * A word holds (p1 << 16) + p0; times a weight w it is (p1 * w << 16) + p0 * w. Sums of such
 * products stay apart as long as both fit in 16 bits: the compiler proves it of each group of four
 * taps of each channel, from the weights, and takes single taps out of the groups where it does not
 * hold. After a group, the word is added to two totals: low  += the lower half, with its sign = sum
 * of p0 * w, exactly high += the word >> 8                        = (sum of p1 * w << 8) + (low >>
 * 8) less 0..255 and up to 255 groups later the upper sum follows exactly: (high - (low >> 8) +
 * 255) >> 8.
 *
 * The functions of the cores are in ew_swar_m0.h and ew_swar_m3.h; this file has what they share.
 */
#ifndef EW_SWAR_H
#define EW_SWAR_H

#include "ew_requant.h"

/* Sums over the windows of four pixels. */
typedef struct {
    int32_t of[4];
} ew_swar_sums;

/* The sum of the pixel in the upper half of the words. */
EW_INLINE int32_t ew_swar_upper(int32_t low, int32_t high) {
    return (high - (low >> 8) + 255) >> 8;
}

/* `count` values of each of four pixels to a block: words of pixels 0 and 1, and 2 and 3, in turn.
 */
EW_INLINE uint32_t *ew_swar_widen_plain(uint32_t *block, const int8_t *const from[4],
                                        int32_t count) {
    const int8_t *p0 = from[0], *p1 = from[1], *p2 = from[2], *p3 = from[3];
    for (int32_t i = 0; i < count; i++) {
        *block++ = (uint32_t)p0[i] + ((uint32_t)p1[i] << 16);
        *block++ = (uint32_t)p2[i] + ((uint32_t)p3[i] << 16);
    }
    return block;
}

/* Four pixels whose windows lie in `block`, and what becomes of them, for the functions of the
 * core. ew_swar_block, ew_swar_block_ties: all channels, saturated to int8. ew_swar_dot: the sums
 * of one, which has no factors; returns the end of its stream. stream: for each channel a word of
 * four weights for each group, the number of single taps, for each of them (its place in bytes from
 * the block's end << 8) + weight, and factors as ew_swar_finish takes them. groups > 0, groups +
 * single taps <= 255. Pixels that are not there have the place of the first, which is written last.
 */
typedef struct {
    const uint32_t *block; /* 4 * groups taps of two words */
    const uint32_t *end;
    int32_t skip; /* EW_SWAR_SKIP(groups) */
    const uint32_t *stream;
    int8_t *out;     /* of the first pixel */
    int32_t step[3]; /* bytes from there to the others */
    const int8_t *out_end;
} ew_swar_block_of;

/* Groups in a round of the loop, and the bytes of it that the first round does not run. */
#define EW_SWAR_ROUND        4
#define EW_SWAR_SKIP(groups) ((-(groups) & (EW_SWAR_ROUND - 1)) * EW_SWAR_GROUP_BYTES)

/* What computes a block: a function of the core, or the kernel itself, with ew_swar_dot. */
typedef enum { EW_SWAR_NO_BLOCKS, EW_SWAR_BLOCKS, EW_SWAR_BLOCKS_TIES } ew_swar_blocks;

/* The taps of a window over a plane of words; all constants. */
typedef struct {
    int32_t k_h, k_w, step; /* step: words from tap to tap in a row */
    int32_t row;            /* words from row to row */
    int32_t run;            /* taps of a row whose products are summed in 16 bits */
} ew_swar_taps;

/* A word of products to its totals. */
EW_INLINE void ew_swar_total(uint32_t word, int32_t *low, int32_t *high) {
    *low += (int16_t)word;
    *high += (int32_t)word >> 8;
}

/*
 * Sums of four pixels, in two words: windows that begin at `a`, and at `b`. weights [k_h][k_w];
 * singles: their number, then of each tap that is summed by itself its place, in words from the row
 * after the window, and its weight.
 */
EW_INLINE void ew_swar_windows_plain(const uint32_t *a, const uint32_t *b, const ew_swar_taps *of,
                                     const int32_t *weights, const int16_t *singles,
                                     ew_swar_sums *sums) {
    int32_t low_a = 0, high_a = 0, low_b = 0, high_b = 0;
    EW_UNROLL(8)
    for (int32_t ky = 0; ky < of->k_h; ky++) {
        uint32_t word_a = 0, word_b = 0;
        EW_UNROLL(8)
        for (int32_t kx = 0; kx < of->k_w; kx++) {
            const uint32_t weight = (uint32_t)*weights++;
            word_a = (kx % of->run ? word_a : 0) + a[ky * of->row + kx * of->step] * weight;
            word_b = (kx % of->run ? word_b : 0) + b[ky * of->row + kx * of->step] * weight;
            if (kx % of->run == of->run - 1 || kx == of->k_w - 1) {
                ew_swar_total(word_a, &low_a, &high_a);
                ew_swar_total(word_b, &low_b, &high_b);
            }
        }
    }
    a += of->k_h * of->row;
    b += of->k_h * of->row;
    for (int32_t left = *singles++; left > 0; left--, singles += 2) {
        ew_swar_total(a[singles[0]] * (uint32_t)singles[1], &low_a, &high_a);
        ew_swar_total(b[singles[0]] * (uint32_t)singles[1], &low_b, &high_b);
    }
    sums->of[0] = low_a;
    sums->of[1] = ew_swar_upper(low_a, high_a);
    sums->of[2] = low_b;
    sums->of[3] = ew_swar_upper(low_b, high_b);
}

/* `ew_swar_scale` without assembly. */
EW_INLINE int32_t ew_swar_scale_plain(int32_t acc, int32_t multiplier, int32_t add, int32_t right,
                                      int32_t ties) {
    const int64_t half = ties && acc < 0 ? -(1 << 30) : 1 << 30;
    return ((int32_t)(((int64_t)acc * multiplier + half) >> 32) + add) >> right;
}

/* `ew_swar_finish` without assembly. */
EW_INLINE void ew_swar_finish_plain(ew_swar_sums *sums, const int32_t *factors, int32_t ties) {
    for (int32_t p = 0; p < 4; p++) {
        const int32_t acc = (int32_t)((uint32_t)sums->of[p] + (uint32_t)factors[0]);
        const int32_t scaled = ew_swar_scale_plain(acc, factors[1], factors[2], factors[3], ties);
        sums->of[p] = ew_clamp(scaled, INT8_MIN, INT8_MAX);
    }
}

/* The same for any multiplier, shift and sum. factors: bias, multiplier, zero point of the output,
 * shift. */
EW_INLINE void ew_swar_finish_any(ew_swar_sums *sums, const int32_t *factors) {
    for (int32_t p = 0; p < 4; p++) {
        const int32_t acc = (int32_t)((uint32_t)sums->of[p] + (uint32_t)factors[0]);
        const int32_t scaled = ew_requantize(acc, factors[1], factors[3]);
        sums->of[p] = (int32_t)((uint32_t)scaled + (uint32_t)factors[2]);
    }
}

/* How sums become outputs: EW_SWAR_SATURATE when there is no clamp but that to int8, EW_SWAR_CLAMP,
 * EW_SWAR_ANY. */
enum { EW_SWAR_SATURATE, EW_SWAR_CLAMP, EW_SWAR_ANY };

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sparse weights: of each output the weights that are not zero, in order. A word holds two of them:
 * bytes 0 and 2 say how far each lies behind the one before (the first: behind the start of the
 * row), bytes 1 and 3 are the weights. Farther than 255, and to fill the last word, there are
 * weights of zero.
 */
#ifndef EW_EW_WEIGHTS_SPARSE_H
#define EW_EW_WEIGHTS_SPARSE_H

#include "ew_kernel.h"

#if defined(__ARM_FEATURE_DSP)
#include "ew_dsp.h"
#endif

/* acc + x . (a row of `words` words). */
EW_INLINE int32_t ew_weights_sparse_dot(int32_t acc, const int8_t *x, const uint32_t *row,
                                        int32_t words) {
    EW_UNROLL(2)
    for (int32_t i = 0; i < words; i++) {
        const uint32_t w = row[i];
        x += w & 255U;
        acc = ew_mla(acc, *x, (int8_t)(w >> 8));
        x += w >> 16 & 255U;
        acc = ew_mla(acc, *x, (int32_t)w >> 24);
    }
    return acc;
}

/* The products of four bytes each, added. */
EW_INLINE int32_t ew_weights_sparse_four(int32_t acc, const int8_t *x, uint32_t w) {
#if defined(__ARM_FEATURE_DSP)
    const uint32_t four = ew_load_word(x);
    acc = ew_smlad((int32_t)ew_sxtb16(four), (int32_t)ew_sxtb16(w), acc);
    return ew_smlad((int32_t)ew_sxtb16_odd(four), (int32_t)ew_sxtb16_odd(w), acc);
#else
    acc = ew_mla(acc, x[0], (int8_t)w);
    acc = ew_mla(acc, x[1], (int8_t)(w >> 8));
    acc = ew_mla(acc, x[2], (int8_t)(w >> 16));
    return ew_mla(acc, x[3], (int32_t)w >> 24);
#endif
}

/* acc + x . (a row of `words` words), for weights in blocks of four: a word with four distances, in
 * blocks, each behind the block before, then the four blocks. */
EW_INLINE int32_t ew_weights_sparse_blocks(int32_t acc, const int8_t *x, const uint32_t *row,
                                           int32_t words) {
    for (const uint32_t *const end = row + words; row < end; row += 5) {
        const uint32_t gaps = row[0];
        x += 4 * (gaps & 255U);
        acc = ew_weights_sparse_four(acc, x, row[1]);
        x += 4 * (gaps >> 8 & 255U);
        acc = ew_weights_sparse_four(acc, x, row[2]);
        x += 4 * (gaps >> 16 & 255U);
        acc = ew_weights_sparse_four(acc, x, row[3]);
        x += 4 * (gaps >> 24);
        acc = ew_weights_sparse_four(acc, x, row[4]);
    }
    return acc;
}

/* ew_weights_sparse_dot for four x, each `step` bytes behind the one before. */
EW_INLINE void ew_weights_sparse_dot4(int32_t acc[4], const int8_t *x, int32_t step,
                                      const uint32_t *row, int32_t words) {
    int32_t a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
    for (int32_t i = 0; i < words; i++) {
        const uint32_t w = row[i];
        const int32_t first = (int8_t)(w >> 8), second = (int32_t)w >> 24;
        x += w & 255U;
        a0 = ew_mla(a0, x[0], first);
        a1 = ew_mla(a1, x[step], first);
        a2 = ew_mla(a2, x[2 * step], first);
        a3 = ew_mla(a3, x[3 * step], first);
        x += w >> 16 & 255U;
        a0 = ew_mla(a0, x[0], second);
        a1 = ew_mla(a1, x[step], second);
        a2 = ew_mla(a2, x[2 * step], second);
        a3 = ew_mla(a3, x[3 * step], second);
    }
    acc[0] = a0;
    acc[1] = a1;
    acc[2] = a2;
    acc[3] = a3;
}

#endif

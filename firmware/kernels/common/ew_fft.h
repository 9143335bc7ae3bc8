/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Fourier transform of a real signal whose length is a power of two, for numbers of any type:
 * steps of radix 4, of radix 2 first where they do not come out even. Each step of whole numbers
 * brings them down by its radix, so nothing overflows. The arithmetic, its order and its rounding
 * are those of KISS FFT, which TensorFlow Lite Micro uses.
 *
 * EW_FFT_FUNCTIONS defines the functions of a type, of which the header of that type has said how
 * it adds, multiplies and rounds: ew_fft_s16.h, ew_fft_s32.h, ew_fft_f32.h.
 */
#ifndef EW_FFT_H
#define EW_FFT_H

#include "ew_kernel.h"

typedef struct {
    int32_t frames;
    int32_t count; /* samples of a frame */
    int32_t log2;  /* of the complex numbers that a frame is taken for */
} ew_signal_fft_shape;

/* The number of the sample that stands at a place before the first step: its digits back to front.
 */
EW_INLINE int32_t ew_fft_source(int32_t place, int32_t log2) {
    int32_t source = 0, up = 0;
    for (; log2 >= 2; up += 2) {
        log2 -= 2;
        source |= ((place >> log2) & 3) << up;
    }
    return source | (log2 ? (place & 1) << up : 0);
}

/* The place of a sample: ew_fft_source back. */
EW_INLINE int32_t ew_fft_place(int32_t source, int32_t log2) {
    int32_t place = 0;
    for (; log2 >= 2; source >>= 2) {
        log2 -= 2;
        place |= (source & 3) << log2;
    }
    return place | (log2 ? source & 1 : 0);
}

/*
 * For a type `real` with complex numbers `complex` and the functions of `kind`:
 *   add, sub(a, b)           a + b, a - b
 *   minus(a)                 -a
 *   half_add, half_sub(a, b) (a + b) / 2, (a - b) / 2
 *   part(x, k)               x / k, for k of 2 and 4; x itself for floating point
 *   dot, cross(a, b, c, d)   a * b + c * d, a * b - c * d
 */
#define EW_FFT_FUNCTIONS(kind, real, complex)                                                      \
    EW_INLINE complex ew_fft_add2_##kind(complex a, complex b) {                                   \
        const complex sum = {ew_fft_add_##kind(a.re, b.re), ew_fft_add_##kind(a.im, b.im)};        \
        return sum;                                                                                \
    }                                                                                              \
                                                                                                   \
    EW_INLINE complex ew_fft_sub2_##kind(complex a, complex b) {                                   \
        const complex rest = {ew_fft_sub_##kind(a.re, b.re), ew_fft_sub_##kind(a.im, b.im)};       \
        return rest;                                                                               \
    }                                                                                              \
                                                                                                   \
    EW_INLINE complex ew_fft_mul2_##kind(complex a, complex b) {                                   \
        const complex product = {ew_fft_cross_##kind(a.re, b.re, a.im, b.im),                      \
                                 ew_fft_dot_##kind(a.re, b.im, a.im, b.re)};                       \
        return product;                                                                            \
    }                                                                                              \
                                                                                                   \
    EW_INLINE complex ew_fft_part2_##kind(complex a, int32_t k) {                                  \
        const complex part = {ew_fft_part_##kind(a.re, k), ew_fft_part_##kind(a.im, k)};           \
        return part;                                                                               \
    }                                                                                              \
                                                                                                   \
    EW_INLINE complex ew_fft_conjugate_##kind(complex a) {                                         \
        const complex other = {a.re, ew_fft_minus_##kind(a.im)};                                   \
        return other;                                                                              \
    }                                                                                              \
                                                                                                   \
    EW_INLINE void ew_fft_radix2_##kind(complex *x, const complex *twiddles) {                     \
        const complex first = ew_fft_part2_##kind(x[0], 2);                                        \
        const complex second = ew_fft_mul2_##kind(ew_fft_part2_##kind(x[1], 2), twiddles[0]);      \
        x[0] = ew_fft_add2_##kind(first, second);                                                  \
        x[1] = ew_fft_sub2_##kind(first, second);                                                  \
    }                                                                                              \
                                                                                                   \
    /* x[0], x[m], x[2 * m], x[3 * m]; `step`: of the first one's twiddle. */                      \
    EW_INLINE void ew_fft_radix4_##kind(complex *x, int32_t m, const complex *twiddles,            \
                                        int32_t step, int32_t inverse) {                           \
        const complex a = ew_fft_part2_##kind(x[0], 4);                                            \
        const complex b = ew_fft_mul2_##kind(ew_fft_part2_##kind(x[m], 4), twiddles[step]);        \
        const complex c =                                                                          \
            ew_fft_mul2_##kind(ew_fft_part2_##kind(x[2 * m], 4), twiddles[2 * step]);              \
        const complex d =                                                                          \
            ew_fft_mul2_##kind(ew_fft_part2_##kind(x[3 * m], 4), twiddles[3 * step]);              \
        const complex even = ew_fft_add2_##kind(a, c), odd = ew_fft_sub2_##kind(a, c);             \
        const complex sum = ew_fft_add2_##kind(b, d), rest = ew_fft_sub2_##kind(b, d);             \
        const complex up = {ew_fft_add_##kind(odd.re, rest.im),                                    \
                            ew_fft_sub_##kind(odd.im, rest.re)};                                   \
        const complex down = {ew_fft_sub_##kind(odd.re, rest.im),                                  \
                              ew_fft_add_##kind(odd.im, rest.re)};                                 \
        x[0] = ew_fft_add2_##kind(even, sum);                                                      \
        x[2 * m] = ew_fft_sub2_##kind(even, sum);                                                  \
        x[m] = inverse ? down : up;                                                                \
        x[3 * m] = inverse ? up : down;                                                            \
    }                                                                                              \
                                                                                                   \
    /* In place, of 2^log2 complex numbers that stand where ew_fft_place says. */                  \
    EW_INLINE void ew_fft_steps_##kind(complex *x, int32_t log2, const complex *twiddles,          \
                                       int32_t inverse) {                                          \
        const int32_t n = 1 << log2;                                                               \
        int32_t m = 1;                                                                             \
        if (log2 & 1) {                                                                            \
            for (int32_t i = 0; i < n; i += 2) {                                                   \
                ew_fft_radix2_##kind(x + i, twiddles);                                             \
            }                                                                                      \
            m = 2;                                                                                 \
        }                                                                                          \
        for (; m < n; m *= 4) {                                                                    \
            for (int32_t i = 0; i < n; i += 4 * m) {                                               \
                for (int32_t j = 0; j < m; j++) {                                                  \
                    ew_fft_radix4_##kind(x + i + j, m, twiddles, j * (n / (4 * m)), inverse);      \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    /* Two bins of the real signal from two of the complex one that its halves make. */            \
    EW_INLINE void ew_fft_split_##kind(complex *low, complex *high, complex twiddle) {             \
        const complex a = ew_fft_part2_##kind(*low, 2);                                            \
        const complex b = ew_fft_part2_##kind(ew_fft_conjugate_##kind(*high), 2);                  \
        const complex sum = ew_fft_add2_##kind(a, b);                                              \
        const complex turned = ew_fft_mul2_##kind(ew_fft_sub2_##kind(a, b), twiddle);              \
        low->re = ew_fft_half_add_##kind(sum.re, turned.re);                                       \
        low->im = ew_fft_half_add_##kind(sum.im, turned.im);                                       \
        high->re = ew_fft_half_sub_##kind(sum.re, turned.re);                                      \
        high->im = ew_fft_half_sub_##kind(turned.im, sum.im);                                      \
    }                                                                                              \
                                                                                                   \
    /* input [count], zeros behind it up to 2^(log2 + 1); output [2^log2 + 1]. `twiddles` of the   \
     * steps, `turns` [2^log2 / 2] of the split. */                                                \
    EW_INLINE void ew_fft_real_##kind(const real *input, int32_t count, complex *output,           \
                                      int32_t log2, const complex *twiddles,                       \
                                      const complex *turns) {                                      \
        const int32_t n = 1 << log2;                                                               \
        for (int32_t i = 0; i < n; i++) {                                                          \
            const int32_t from = 2 * ew_fft_source(i, log2);                                       \
            output[i].re = from < count ? input[from] : (real)0;                                   \
            output[i].im = from + 1 < count ? input[from + 1] : (real)0;                           \
        }                                                                                          \
        ew_fft_steps_##kind(output, log2, twiddles, 0);                                            \
        const complex first = ew_fft_part2_##kind(output[0], 2);                                   \
        output[0].re = ew_fft_add_##kind(first.re, first.im);                                      \
        output[n].re = ew_fft_sub_##kind(first.re, first.im);                                      \
        output[0].im = output[n].im = 0;                                                           \
        for (int32_t k = 1; k <= n / 2; k++) {                                                     \
            ew_fft_split_##kind(output + k, output + (n - k), turns[k - 1]);                       \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    /* input [2^log2 + 1] bins, output [2^log2] pairs of samples. */                               \
    EW_INLINE void ew_fft_back_##kind(const complex *input, complex *output, int32_t log2,         \
                                      const complex *twiddles, const complex *turns) {             \
        const int32_t n = 1 << log2;                                                               \
        const complex ends = {ew_fft_add_##kind(input[0].re, input[n].re),                         \
                              ew_fft_sub_##kind(input[0].re, input[n].re)};                        \
        output[0] = ew_fft_part2_##kind(ends, 2);                                                  \
        for (int32_t k = 1; k <= n / 2; k++) {                                                     \
            const complex a = ew_fft_part2_##kind(input[k], 2);                                    \
            const complex b = ew_fft_part2_##kind(ew_fft_conjugate_##kind(input[n - k]), 2);       \
            const complex sum = ew_fft_add2_##kind(a, b);                                          \
            const complex turned = ew_fft_mul2_##kind(ew_fft_sub2_##kind(a, b), turns[k - 1]);     \
            output[ew_fft_place(k, log2)] = ew_fft_add2_##kind(sum, turned);                       \
            output[ew_fft_place(n - k, log2)] =                                                    \
                ew_fft_conjugate_##kind(ew_fft_sub2_##kind(sum, turned));                          \
        }                                                                                          \
        ew_fft_steps_##kind(output, log2, twiddles, 1);                                            \
    }

#endif

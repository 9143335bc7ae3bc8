/* SPDX-License-Identifier: Apache-2.0 */
/* The Fourier transform of int16, with 15 bits behind the point. */
#ifndef EW_FFT_S16_H
#define EW_FFT_S16_H

#include "ew_fft.h"

typedef struct {
    int16_t re, im;
} ew_complex_s16;

EW_INLINE int16_t ew_fft_add_s16(int16_t a, int16_t b) {
    return (int16_t)(a + b);
}

EW_INLINE int16_t ew_fft_sub_s16(int16_t a, int16_t b) {
    return (int16_t)(a - b);
}

EW_INLINE int16_t ew_fft_minus_s16(int16_t a) {
    return (int16_t)-a;
}

EW_INLINE int16_t ew_fft_half_add_s16(int16_t a, int16_t b) {
    return (int16_t)((a + b) >> 1);
}

EW_INLINE int16_t ew_fft_half_sub_s16(int16_t a, int16_t b) {
    return (int16_t)((a - b) >> 1);
}

/* A product with 30 bits behind the point, rounded. */
EW_INLINE int16_t ew_fft_round_s16(int32_t product) {
    return (int16_t)(ew_add_wrap(product, 1 << 14) >> 15);
}

EW_INLINE int16_t ew_fft_part_s16(int16_t x, int32_t k) {
    return ew_fft_round_s16(x * (INT16_MAX / k));
}

EW_INLINE int16_t ew_fft_dot_s16(int16_t a, int16_t b, int16_t c, int16_t d) {
    return ew_fft_round_s16(ew_add_wrap(a * b, c * d));
}

EW_INLINE int16_t ew_fft_cross_s16(int16_t a, int16_t b, int16_t c, int16_t d) {
    return ew_fft_round_s16(a * b - c * d);
}

EW_FFT_FUNCTIONS(s16, int16_t, ew_complex_s16)

#endif

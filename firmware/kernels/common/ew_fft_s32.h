/* SPDX-License-Identifier: Apache-2.0 */
/* The Fourier transform of int32, with 31 bits behind the point. */
#ifndef EW_FFT_S32_H
#define EW_FFT_S32_H

#include "ew_fft.h"

typedef struct {
    int32_t re, im;
} ew_complex_s32;

EW_INLINE int32_t ew_fft_add_s32(int32_t a, int32_t b) {
    return ew_add_wrap(a, b);
}

EW_INLINE int32_t ew_fft_sub_s32(int32_t a, int32_t b) {
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

EW_INLINE int32_t ew_fft_minus_s32(int32_t a) {
    return (int32_t)(0U - (uint32_t)a);
}

EW_INLINE int32_t ew_fft_half_add_s32(int32_t a, int32_t b) {
    return ew_fft_add_s32(a, b) >> 1;
}

EW_INLINE int32_t ew_fft_half_sub_s32(int32_t a, int32_t b) {
    return ew_fft_sub_s32(a, b) >> 1;
}

/* A product with 62 bits behind the point, rounded. */
EW_INLINE int32_t ew_fft_round_s32(uint64_t product) {
    return (int32_t)((int64_t)(product + (UINT64_C(1) << 30)) >> 31);
}

EW_INLINE int32_t ew_fft_part_s32(int32_t x, int32_t k) {
    return ew_fft_round_s32((uint64_t)((int64_t)x * (INT32_MAX / k)));
}

EW_INLINE int32_t ew_fft_dot_s32(int32_t a, int32_t b, int32_t c, int32_t d) {
    return ew_fft_round_s32((uint64_t)((int64_t)a * b) + (uint64_t)((int64_t)c * d));
}

EW_INLINE int32_t ew_fft_cross_s32(int32_t a, int32_t b, int32_t c, int32_t d) {
    return ew_fft_round_s32((uint64_t)((int64_t)a * b) - (uint64_t)((int64_t)c * d));
}

EW_FFT_FUNCTIONS(s32, int32_t, ew_complex_s32)

#endif

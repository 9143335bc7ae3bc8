/* SPDX-License-Identifier: Apache-2.0 */
/* The Fourier transform of float32: nothing is brought down on the way. */
#ifndef EW_FFT_F32_H
#define EW_FFT_F32_H

#include "ew_fft.h"

typedef struct {
    float re, im;
} ew_complex_f32;

EW_INLINE float ew_fft_add_f32(float a, float b) {
    return a + b;
}

EW_INLINE float ew_fft_sub_f32(float a, float b) {
    return a - b;
}

EW_INLINE float ew_fft_minus_f32(float a) {
    return -a;
}

EW_INLINE float ew_fft_half_add_f32(float a, float b) {
    return (a + b) * 0.5F;
}

EW_INLINE float ew_fft_half_sub_f32(float a, float b) {
    return (a - b) * 0.5F;
}

EW_INLINE float ew_fft_part_f32(float x, int32_t k) {
    (void)k;
    return x;
}

EW_INLINE float ew_fft_dot_f32(float a, float b, float c, float d) {
    return a * b + c * d;
}

EW_INLINE float ew_fft_cross_f32(float a, float b, float c, float d) {
    return a * b - c * d;
}

EW_FFT_FUNCTIONS(f32, float, ew_complex_f32)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* SignalIrfft of float32 in portable C. */
#ifndef EW_SIGNAL_IRFFT_F32_REF_H
#define EW_SIGNAL_IRFFT_F32_REF_H

#include "ew_fft_f32.h"

/* input [frames][2^log2 + 1] complex numbers; output [frames][count], count = 2^(log2 + 1), which
 * overlaps no input. */
EW_INLINE void ew_signal_irfft_f32_ref(const ew_signal_fft_shape *s, const float *input,
                                       float *output, const float *twiddles, const float *turns) {
    const ew_complex_f32 *bins = (const ew_complex_f32 *)(const void *)input;
    for (int32_t f = 0; f < s->frames; f++, bins += (1 << s->log2) + 1, output += s->count) {
        ew_fft_back_f32(bins, (ew_complex_f32 *)(void *)output, s->log2,
                        (const ew_complex_f32 *)(const void *)twiddles,
                        (const ew_complex_f32 *)(const void *)turns);
        for (int32_t i = 0; i < s->count; i++) {
            output[i] /= (float)s->count;
        }
    }
}

#endif

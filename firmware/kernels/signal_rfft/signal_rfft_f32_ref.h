/* SPDX-License-Identifier: Apache-2.0 */
/* SignalRfft of float32 in portable C. */
#ifndef EW_SIGNAL_RFFT_F32_REF_H
#define EW_SIGNAL_RFFT_F32_REF_H

#include "ew_fft_f32.h"

/* input [frames][count], zeros behind each frame; output [frames][2^log2 + 1] complex numbers,
 * which overlaps no input. Twiddles are complex numbers too. */
EW_INLINE void ew_signal_rfft_f32_ref(const ew_signal_fft_shape *s, const float *input,
                                      float *output, const float *twiddles, const float *turns) {
    ew_complex_f32 *bins = (ew_complex_f32 *)(void *)output;
    for (int32_t f = 0; f < s->frames; f++, input += s->count, bins += (1 << s->log2) + 1) {
        ew_fft_real_f32(input, s->count, bins, s->log2,
                        (const ew_complex_f32 *)(const void *)twiddles,
                        (const ew_complex_f32 *)(const void *)turns);
    }
}

#endif

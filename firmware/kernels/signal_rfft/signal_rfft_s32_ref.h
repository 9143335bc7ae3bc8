/* SPDX-License-Identifier: Apache-2.0 */
/* SignalRfft of int32 in portable C. */
#ifndef EW_SIGNAL_RFFT_S32_REF_H
#define EW_SIGNAL_RFFT_S32_REF_H

#include "ew_fft_s32.h"

/* input [frames][count], zeros behind each frame; output [frames][2^log2 + 1] complex numbers,
 * which overlaps no input. Twiddles are complex numbers too. */
EW_INLINE void ew_signal_rfft_s32_ref(const ew_signal_fft_shape *s, const int32_t *input,
                                      int32_t *output, const int32_t *twiddles,
                                      const int32_t *turns) {
    ew_complex_s32 *bins = (ew_complex_s32 *)(void *)output;
    for (int32_t f = 0; f < s->frames; f++, input += s->count, bins += (1 << s->log2) + 1) {
        ew_fft_real_s32(input, s->count, bins, s->log2,
                        (const ew_complex_s32 *)(const void *)twiddles,
                        (const ew_complex_s32 *)(const void *)turns);
    }
}

#endif

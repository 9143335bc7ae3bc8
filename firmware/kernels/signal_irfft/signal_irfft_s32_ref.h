/* SPDX-License-Identifier: Apache-2.0 */
/* SignalIrfft of int32 in portable C. */
#ifndef EW_SIGNAL_IRFFT_S32_REF_H
#define EW_SIGNAL_IRFFT_S32_REF_H

#include "ew_fft_s32.h"

/* input [frames][2^log2 + 1] complex numbers; output [frames][count], count = 2^(log2 + 1), which
 * overlaps no input. */
EW_INLINE void ew_signal_irfft_s32_ref(const ew_signal_fft_shape *s, const int32_t *input,
                                       int32_t *output, const int32_t *twiddles,
                                       const int32_t *turns) {
    const ew_complex_s32 *bins = (const ew_complex_s32 *)(const void *)input;
    for (int32_t f = 0; f < s->frames; f++, bins += (1 << s->log2) + 1, output += s->count) {
        ew_fft_back_s32(bins, (ew_complex_s32 *)(void *)output, s->log2,
                        (const ew_complex_s32 *)(const void *)twiddles,
                        (const ew_complex_s32 *)(const void *)turns);
    }
}

#endif

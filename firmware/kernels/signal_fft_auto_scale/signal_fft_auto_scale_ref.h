/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFftAutoScale in portable C: a frame is made as large as int16 holds. */
#ifndef EW_SIGNAL_FFT_AUTO_SCALE_REF_H
#define EW_SIGNAL_FFT_AUTO_SCALE_REF_H

#include "ew_bits.h"

typedef struct {
    int32_t count;
} ew_signal_fft_auto_scale_shape;

/* The largest absolute value in int16, where that of -32768 is -32768 and what follows is larger.
 */
EW_INLINE int16_t ew_signal_largest(const int16_t *input, int32_t count) {
    int16_t most = 0;
    for (int32_t i = 0; i < count; i++) {
        if (input[i] > most) {
            most = input[i];
        } else if (-input[i] > most) {
            most = (int16_t)-input[i];
        }
    }
    return most;
}

/* input, output [count], which may be one and the same; `scale`: by how many bits, one number. */
EW_INLINE void ew_signal_fft_auto_scale_ref(const ew_signal_fft_auto_scale_shape *s,
                                            const int16_t *input, int16_t *output, int32_t *scale) {
    const uint32_t most = (uint32_t)(int32_t)ew_signal_largest(input, s->count);
    const int32_t up = ew_max(15 - ew_bits_u32(most), 0);
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = (int16_t)(input[i] * (1 << up));
    }
    *scale = up;
}

#endif

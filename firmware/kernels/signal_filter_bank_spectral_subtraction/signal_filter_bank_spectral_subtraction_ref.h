/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFilterBankSpectralSubtraction in portable C: of each channel its noise, a smoothed mean, is
 * taken away. */
#ifndef EW_SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION_REF_H
#define EW_SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t channels;
    int32_t even, odd;           /* shares of what is new, of even and odd channels */
    int32_t even_kept, odd_kept; /* shares of the noise that was */
    int32_t least;               /* share of the signal that stays in any case */
    int32_t share_bits;          /* bits behind the point of these shares */
    int32_t bits;                /* bits behind the point that the noise has more */
    int32_t clamping;            /* the noise is never more than the signal */
} ew_signal_spectral_subtraction_shape;

/* input, output [channels], which may be one and the same; noise [channels], as output, and as the
 * state that it is kept in. */
EW_INLINE void
ew_signal_filter_bank_spectral_subtraction_ref(const ew_signal_spectral_subtraction_shape *s,
                                               const uint32_t *input, uint32_t *output,
                                               uint32_t *noise, uint32_t *state) {
    for (int32_t c = 0; c < s->channels; c++) {
        const uint32_t smoothing = (uint32_t)(c & 1 ? s->odd : s->even);
        const uint32_t kept = (uint32_t)(c & 1 ? s->odd_kept : s->even_kept);
        const uint32_t plain = input[c], signal = plain << s->bits;
        uint32_t mean =
            (uint32_t)(((uint64_t)signal * smoothing + (uint64_t)state[c] * kept) >> s->share_bits);
        const uint32_t taken = mean < signal ? mean : signal;
        mean = s->clamping ? taken : mean;
        const uint32_t least = (uint32_t)(((uint64_t)plain * (uint32_t)s->least) >> s->share_bits);
        const uint32_t rest = (signal - taken) >> s->bits;
        state[c] = mean;
        noise[c] = mean;
        output[c] = rest > least ? rest : least;
    }
}

#endif

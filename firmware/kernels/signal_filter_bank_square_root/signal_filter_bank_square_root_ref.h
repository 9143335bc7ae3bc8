/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFilterBankSquareRoot in portable C. */
#ifndef EW_SIGNAL_FILTER_BANK_SQUARE_ROOT_REF_H
#define EW_SIGNAL_FILTER_BANK_SQUARE_ROOT_REF_H

#include "ew_bits.h"

typedef struct {
    int32_t channels;
} ew_signal_filter_bank_square_root_shape;

/* input, output [channels]; `scale`: one number, how many bits each root is brought down, of which
 * the lowest five bits count. */
EW_INLINE void
ew_signal_filter_bank_square_root_ref(const ew_signal_filter_bank_square_root_shape *s,
                                      const uint64_t *input, const int32_t *scale,
                                      uint32_t *output) {
    const int32_t down = *scale & 31;
    for (int32_t c = 0; c < s->channels; c++) {
        output[c] = ew_root_u64(input[c]) >> down;
    }
}

#endif

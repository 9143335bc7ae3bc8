/* SPDX-License-Identifier: Apache-2.0 */
/* SignalFilterBank in portable C: each band of energies goes to two channels, by weights to its own
 * and by unweights to the next one. */
#ifndef EW_SIGNAL_FILTER_BANK_REF_H
#define EW_SIGNAL_FILTER_BANK_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t channels;
} ew_signal_filter_bank_shape;

/* input: energies; output [channels]; starts, places, widths [channels + 1]: of each band its first
 * energy, its first weight, and how many there are. The first band has no channel of its own. */
EW_INLINE void ew_signal_filter_bank_ref(const ew_signal_filter_bank_shape *s,
                                         const uint32_t *input, uint64_t *output,
                                         const int16_t *weights, const int16_t *unweights,
                                         const int16_t *starts, const int16_t *places,
                                         const int16_t *widths) {
    uint64_t carried = 0;
    for (int32_t c = 0; c <= s->channels; c++) {
        const uint32_t *energy = input + starts[c];
        const int16_t *w = weights + places[c], *u = unweights + places[c];
        uint64_t own = carried;
        carried = 0;
        for (int32_t i = 0; i < widths[c]; i++) {
            own += (uint64_t)(int64_t)w[i] * energy[i];
            carried += (uint64_t)(int64_t)u[i] * energy[i];
        }
        if (c > 0) {
            output[c - 1] = own;
        }
    }
}

#endif

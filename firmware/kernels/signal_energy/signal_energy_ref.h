/* SPDX-License-Identifier: Apache-2.0 */
/* SignalEnergy in portable C: of complex numbers the squares of their lengths. */
#ifndef EW_SIGNAL_ENERGY_REF_H
#define EW_SIGNAL_ENERGY_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count;
    int32_t first, end; /* the numbers that are looked at: the others give 0 */
} ew_signal_energy_shape;

/* input [count] pairs, output [count]. */
EW_INLINE void ew_signal_energy_ref(const ew_signal_energy_shape *s, const int16_t *input,
                                    uint32_t *output) {
    for (int32_t i = 0; i < s->count; i++) {
        const int32_t re = input[2 * i], im = input[2 * i + 1];
        const uint32_t energy = (uint32_t)(re * re) + (uint32_t)(im * im);
        output[i] = s->first <= i && i < s->end ? energy : 0;
    }
}

#endif

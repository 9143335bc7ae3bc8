/* SPDX-License-Identifier: Apache-2.0 */
/* int16 REDUCE_MAX in portable C. */
#ifndef EW_REDUCE_MAX_S16_REF_H
#define EW_REDUCE_MAX_S16_REF_H

#include "reduce_s8.h"

/* Input and output do not overlap. */
EW_INLINE void ew_reduce_max_s16_ref(const ew_reduce_s8_shape *s, const int16_t *input,
                                     int16_t *output) {
    EW_REDUCE_S8_KEPT(s) {
        int32_t most = INT16_MIN;
        EW_REDUCE_S8_REDUCED(s) {
            most = ew_max(most, input[EW_REDUCE_S8_PLACE(s)]);
        }
        *output++ = (int16_t)most;
    }
}

#endif

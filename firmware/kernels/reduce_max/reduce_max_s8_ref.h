/* SPDX-License-Identifier: Apache-2.0 */
/* int8 REDUCE_MAX in portable C. */
#ifndef EW_REDUCE_MAX_S8_REF_H
#define EW_REDUCE_MAX_S8_REF_H

#include "reduce_s8.h"

/* Input and output do not overlap. */
EW_INLINE void ew_reduce_max_s8_ref(const ew_reduce_s8_shape *s, const int8_t *input,
                                    int8_t *output) {
    EW_REDUCE_S8_KEPT(s) {
        int32_t most = INT8_MIN;
        EW_REDUCE_S8_REDUCED(s) {
            most = ew_max(most, input[EW_REDUCE_S8_PLACE(s)]);
        }
        *output++ = (int8_t)most;
    }
}

#endif

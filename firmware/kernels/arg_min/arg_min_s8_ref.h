/* SPDX-License-Identifier: Apache-2.0 */
/* int8 ARG_MIN in portable C. */
#ifndef EW_ARG_MIN_S8_REF_H
#define EW_ARG_MIN_S8_REF_H

#include "arg_s8.h"

/* Input and output do not overlap. */
EW_INLINE void ew_arg_min_s8_ref(const ew_arg_s8_shape *s, const int8_t *input, int32_t *output) {
    ew_arg_s8(s, input, output, -1);
}

#endif

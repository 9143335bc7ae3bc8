/* SPDX-License-Identifier: Apache-2.0 */
/* LOGICAL_NOT of bool bytes in portable C. */
#ifndef EW_LOGICAL_NOT_REF_H
#define EW_LOGICAL_NOT_REF_H

#include "ew_kernel.h"

typedef struct {
    int32_t count; /* elements */
} ew_logical_not_shape;

/* Input and output may be the same. */
EW_INLINE void ew_logical_not_ref(const ew_logical_not_shape *s, const int8_t *input,
                                  int8_t *output) {
    for (int32_t i = 0; i < s->count; i++) {
        output[i] = !input[i];
    }
}

#endif

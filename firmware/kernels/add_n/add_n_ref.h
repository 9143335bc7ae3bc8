/* SPDX-License-Identifier: Apache-2.0 */
/* ADD_N in portable C: float32, and int32 that wraps around. One input after the other is added to
 * the output. */
#ifndef EW_ADD_N_REF_H
#define EW_ADD_N_REF_H

#include "ew_element.h"

typedef struct {
    int32_t count; /* elements */
    int32_t type;  /* EW_TYPE_F32 or EW_TYPE_S32 */
    int32_t first; /* the sum begins at 0, and not at what the output holds */
} ew_add_n_shape;

/* Reads element i of the input before it writes element i of the output. */
EW_INLINE void ew_add_n_ref(const ew_add_n_shape *s, const void *input, void *output) {
    for (int32_t i = 0; i < s->count; i++) {
        if (s->type == EW_TYPE_F32) {
            float *sum = (float *)output + i;
            *sum = (s->first ? 0.0F : *sum) + ((const float *)input)[i];
        } else {
            int32_t *sum = (int32_t *)output + i;
            *sum = ew_add_wrap(s->first ? 0 : *sum, ((const int32_t *)input)[i]);
        }
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE between whole numbers in portable C: from one scale and type to another. */
#ifndef EW_REQUANTIZE_REF_H
#define EW_REQUANTIZE_REF_H

#include "ew_element.h"
#include "ew_requant.h"

typedef struct {
    int32_t count;     /* elements */
    int32_t from, to;  /* types, see ew_element.h */
    int32_t low, high; /* what the output's type holds */
} ew_requantize_shape;

/* Element i of the input is read before element i of the output is written. */
EW_INLINE void ew_requantize_ref(const ew_requantize_shape *s, const void *input, void *output,
                                 int32_t in_zp, int32_t multiplier, int32_t shift, int32_t out_zp) {
    for (int32_t i = 0; i < s->count; i++) {
        const int32_t x = ew_add_wrap(ew_load_element(input, i, s->from), -in_zp);
        const int32_t y = ew_add_wrap(ew_requantize(x, multiplier, shift), out_zp);
        ew_store_element(output, i, s->to, ew_clamp(y, s->low, s->high));
    }
}

#endif

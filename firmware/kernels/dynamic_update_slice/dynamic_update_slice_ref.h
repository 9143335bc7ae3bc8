/* SPDX-License-Identifier: Apache-2.0 */
/* DYNAMIC_UPDATE_SLICE in portable C: a copy of the input with a part of it replaced. */
#ifndef EW_DYNAMIC_UPDATE_SLICE_REF_H
#define EW_DYNAMIC_UPDATE_SLICE_REF_H

#include "ew_element.h"

/* Both have five dimensions, of which the first 5 - rank are 1 and have no start. */
typedef struct {
    int32_t rank;
    int32_t n0, n1, n2, n3, n4; /* elements of the input */
    int32_t u0, u1, u2, u3, u4; /* of what replaces a part of it */
    int32_t item_bytes;
    int32_t start_type; /* EW_TYPE_S32 or EW_TYPE_S64 */
} ew_dynamic_update_slice_shape;

/* Where the part begins along a dimension: the nearest place at which it lies inside. */
EW_INLINE int32_t ew_dynamic_update_slice_start(const ew_dynamic_update_slice_shape *s,
                                                const void *starts, int32_t dimension,
                                                int32_t most) {
    const int32_t place = dimension - (5 - s->rank);
    const int64_t start = place < 0 ? 0 : ew_load_whole(starts, place, s->start_type);
    return start < 0 ? 0 : start > most ? most : (int32_t)start;
}

/* Input and output may overlap in any way; the others overlap neither. */
EW_INLINE void ew_dynamic_update_slice_ref(const ew_dynamic_update_slice_shape *s,
                                           const int8_t *input, const int8_t *update,
                                           const void *starts, int8_t *output) {
    const int32_t t0 = ew_dynamic_update_slice_start(s, starts, 0, s->n0 - s->u0);
    const int32_t t1 = ew_dynamic_update_slice_start(s, starts, 1, s->n1 - s->u1);
    const int32_t t2 = ew_dynamic_update_slice_start(s, starts, 2, s->n2 - s->u2);
    const int32_t t3 = ew_dynamic_update_slice_start(s, starts, 3, s->n3 - s->u3);
    const int32_t t4 = ew_dynamic_update_slice_start(s, starts, 4, s->n4 - s->u4);
    const int32_t rows = s->u0 * s->u1 * s->u2 * s->u3, row_bytes = s->u4 * s->item_bytes;
    memmove(output, input, (size_t)(s->n0 * s->n1 * s->n2 * s->n3 * s->n4 * s->item_bytes));
    for (int32_t i = 0; i < rows; i++) {
        const int32_t i3 = i % s->u3 + t3, i2 = i / s->u3 % s->u2 + t2;
        const int32_t i1 = i / (s->u3 * s->u2) % s->u1 + t1;
        const int32_t i0 = i / (s->u3 * s->u2 * s->u1) + t0;
        const int32_t to = (((i0 * s->n1 + i1) * s->n2 + i2) * s->n3 + i3) * s->n4 + t4;
        memcpy(output + to * s->item_bytes, update + i * row_bytes, (size_t)row_bytes);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, SUB, MUL, MAXIMUM and MINIMUM of int32 and int64 in portable C; of int32 alone quotients and
 * SQUARED_DIFFERENCE; ABS and NEG of the first input. */
#ifndef EW_BINARY_WHOLE_REF_H
#define EW_BINARY_WHOLE_REF_H

#include "binary_s8.h"
#include "ew_element.h"

enum {
    EW_WHOLE_ADD,
    EW_WHOLE_SUB,
    EW_WHOLE_MUL,
    EW_WHOLE_MAXIMUM,
    EW_WHOLE_MINIMUM,
    EW_WHOLE_SQUARED_DIFFERENCE,
    EW_WHOLE_DIV,
    EW_WHOLE_FLOOR_DIV,
    EW_WHOLE_FLOOR_MOD,
    EW_WHOLE_ABS,
    EW_WHOLE_NEG
};

typedef struct {
    ew_binary_s8_shape loops;
    int32_t type; /* EW_TYPE_S32 or EW_TYPE_S64 */
    int32_t function;
} ew_binary_whole_shape;

/* Rounded down. */
EW_INLINE int64_t ew_floor_div_whole(int64_t x, int64_t y) {
    return x / y - (x % y != 0 && (x < 0) != (y < 0));
}

EW_INLINE int64_t ew_binary_whole(int32_t function, int64_t x, int64_t y) {
    switch (function) {
    case EW_WHOLE_ADD:
        return (int64_t)((uint64_t)x + (uint64_t)y);
    case EW_WHOLE_SUB:
        return (int64_t)((uint64_t)x - (uint64_t)y);
    case EW_WHOLE_MUL:
        return (int64_t)((uint64_t)x * (uint64_t)y);
    case EW_WHOLE_MAXIMUM:
        return x > y ? x : y;
    case EW_WHOLE_SQUARED_DIFFERENCE:
        return (int64_t)(((uint64_t)x - (uint64_t)y) * ((uint64_t)x - (uint64_t)y));
    case EW_WHOLE_DIV:
        return y == 0 ? 0 : x / y;
    case EW_WHOLE_FLOOR_DIV:
        return y == 0 ? 0 : ew_floor_div_whole(x, y);
    case EW_WHOLE_FLOOR_MOD:
        return y == 0 ? 0 : x - ew_floor_div_whole(x, y) * y;
    case EW_WHOLE_ABS:
        return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
    case EW_WHOLE_NEG:
        return (int64_t)(0 - (uint64_t)x);
    default:
        return x < y ? x : y;
    }
}

/* Sums and products wrap around before int32 ones are clamped. Reads element i of each input
 * before it writes element i of the output. */
EW_INLINE void ew_binary_whole_ref(const ew_binary_whole_shape *s, const void *a, const void *b,
                                   void *output, int32_t act_min, int32_t act_max) {
    const ew_binary_s8_shape *loops = &s->loops;
    int32_t i = 0;
    EW_BINARY_S8_LOOPS(loops) {
        const int64_t x = ew_load_whole(a, EW_BINARY_S8_A(loops), s->type);
        const int64_t y = ew_load_whole(b, EW_BINARY_S8_B(loops), s->type);
        const int64_t value = ew_binary_whole(s->function, x, y);
        if (s->type == EW_TYPE_S64) {
            ew_store_whole(output, i, s->type, value);
        } else {
            const int32_t low = (int32_t)(uint32_t)(uint64_t)value;
            ew_store_whole(output, i, s->type, ew_clamp(low, act_min, act_max));
        }
        i++;
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of any type, by a number that is constant where a kernel is specialised, so that one
 * kernel serves all pairs of types. */
#ifndef EW_ELEMENT_H
#define EW_ELEMENT_H

#include "ew_kernel.h"

enum {
    EW_TYPE_S8 = 0,
    EW_TYPE_U8 = 1,
    EW_TYPE_S16 = 2,
    EW_TYPE_S32 = 3,
    EW_TYPE_F32 = 4,
    EW_TYPE_BOOL = 5,
    EW_TYPE_S64 = 6
};

/* Element i of an array of whole numbers; a bool is 0 or 1. */
EW_INLINE int32_t ew_load_element(const void *array, int32_t i, int32_t type) {
    switch (type) {
    case EW_TYPE_U8:
        return ((const uint8_t *)array)[i];
    case EW_TYPE_S16:
        return ((const int16_t *)array)[i];
    case EW_TYPE_S32:
        return ((const int32_t *)array)[i];
    case EW_TYPE_BOOL:
        return ((const int8_t *)array)[i] != 0;
    default:
        return ((const int8_t *)array)[i];
    }
}

/* Writes the low bits of x, or x as float32, or whether x is not 0. */
EW_INLINE void ew_store_element(void *array, int32_t i, int32_t type, int32_t x) {
    switch (type) {
    case EW_TYPE_U8:
        ((uint8_t *)array)[i] = (uint8_t)x;
        break;
    case EW_TYPE_S16:
        ((int16_t *)array)[i] = (int16_t)x;
        break;
    case EW_TYPE_S32:
        ((int32_t *)array)[i] = x;
        break;
    case EW_TYPE_F32:
        ((float *)array)[i] = (float)x;
        break;
    case EW_TYPE_BOOL:
        ((int8_t *)array)[i] = x != 0;
        break;
    default:
        ((int8_t *)array)[i] = (int8_t)x;
        break;
    }
}

/* As ew_load_element, of int64 too. */
EW_INLINE int64_t ew_load_whole(const void *array, int32_t i, int32_t type) {
    return type == EW_TYPE_S64 ? ((const int64_t *)array)[i] : ew_load_element(array, i, type);
}

/* As ew_store_element, to int64 too. */
EW_INLINE void ew_store_whole(void *array, int32_t i, int32_t type, int64_t x) {
    if (type == EW_TYPE_S64) {
        ((int64_t *)array)[i] = x;
    } else if (type == EW_TYPE_F32) {
        ((float *)array)[i] = (float)x;
    } else if (type == EW_TYPE_BOOL) {
        ((int8_t *)array)[i] = x != 0;
    } else {
        ew_store_element(array, i, type, (int32_t)(uint32_t)(uint64_t)x);
    }
}

#endif

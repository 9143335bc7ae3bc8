/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_value.h"

#include <string.h>

#define LIMIT ((int64_t)1 << 62)

/* Times 2^32, from the bits of an IEEE single; halves are cut off, infinities and NaN are the
 * limit. */
static int64_t float_q32(uint32_t bits) {
    const uint32_t exponent = (bits >> 23) & 0xFFu;
    const int64_t fraction = (int64_t)((bits & 0x7FFFFFu) | (exponent != 0 ? 0x800000u : 0u));
    const int shift =
        (int)(exponent != 0 ? exponent : 1u) - 150 + 32; /* value = fraction * 2^(exponent - 150) */
    int64_t size = LIMIT;
    if (shift <= -24) {
        size = 0;
    } else if (shift < 0) {
        size = fraction >> -shift;
    } else if (shift <= 38) {
        size = fraction << shift;
    }
    return (bits >> 31) != 0 ? -size : size;
}

static int64_t saturated_product(int64_t difference, int64_t scale) {
    const int64_t most = scale > 0 ? LIMIT / scale : LIMIT;
    if (difference > most)
        return LIMIT;
    if (difference < -most)
        return -LIMIT;
    return difference * scale;
}

static uint32_t take(const uint8_t **bytes, uint32_t size) { /* little-endian, as the core is */
    uint32_t value = 0;
    memcpy(&value, *bytes, size);
    *bytes += size;
    return value;
}

/* Eight bytes; of unsigned ones what int64 holds. */
static int64_t take_wide(const uint8_t **bytes, int is_unsigned) {
    const uint32_t low = take(bytes, 4);
    const uint32_t high = take(bytes, 4);
    if (is_unsigned && (high >> 31) != 0)
        return INT64_MAX;
    return (int64_t)((uint64_t)high << 32 | low);
}

int64_t ew_value_q32(const ew_output_info *info, const uint8_t **bytes) {
    int64_t value;
    switch (info->element) {
    case EW_FLOAT32:
        return float_q32(take(bytes, 4));
    case EW_UINT32:
        value = (int64_t)take(bytes, 4);
        break;
    case EW_INT64:
    case EW_UINT64:
        value = take_wide(bytes, info->element == EW_UINT64);
        break;
    case EW_INT32:
        value = (int32_t)take(bytes, 4);
        break;
    case EW_INT16:
        value = (int16_t)take(bytes, 2);
        break;
    case EW_UINT8:
        value = (int64_t)take(bytes, 1);
        break;
    default:
        value = (int8_t)take(bytes, 1);
        break;
    }
    return saturated_product(value - info->zero_point, info->scale_q32);
}

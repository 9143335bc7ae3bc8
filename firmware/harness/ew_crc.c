/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_crc.h"

uint32_t ew_crc32(uint32_t crc, const void *bytes, size_t size) {
    const uint8_t *byte = bytes;
    crc = ~crc;
    for (size_t i = 0; i < size; ++i) {
        crc ^= byte[i];
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The CRC-32 of Ethernet, ZIP and zlib: reflected polynomial 0xEDB88320, without a table. */
#ifndef EW_CRC_H
#define EW_CRC_H

#include <stddef.h>
#include <stdint.h>

/* `crc` goes on over `size` bytes; 0 is its beginning, and every value on the way is a valid CRC.
 */
uint32_t ew_crc32(uint32_t crc, const void *bytes, size_t size);

#endif

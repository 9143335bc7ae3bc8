/* SPDX-License-Identifier: Apache-2.0 */
/* GCC's own stdint.h looks for a C library's, unless -ffreestanding forbids it to know memcpy. */
#if defined(__clang__)
#include_next <stdint.h>
#else
#include <stdint-gcc.h>
#endif

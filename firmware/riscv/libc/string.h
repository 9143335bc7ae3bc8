/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels and harness call of string.h, for compilers that come without a C library. */
#ifndef EW_LIBC_STRING_H
#define EW_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);
size_t strlen(const char *text);
int strcmp(const char *left, const char *right);

#endif

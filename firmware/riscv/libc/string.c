/* SPDX-License-Identifier: Apache-2.0 */
/* Words where both sides are aligned to them, bytes elsewhere. Compiled so that a compiler makes no
 * calls of these functions out of their own loops. */
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word;

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

static int both_aligned(const void *a, const void *b) {
    return (((uintptr_t)a | (uintptr_t)b) & 3u) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if (both_aligned(to, from)) {
        for (; count >= 16; count -= 16, out += 16, in += 16) {
            ((word *)(void *)out)[0] = ((const word *)(const void *)in)[0];
            ((word *)(void *)out)[1] = ((const word *)(const void *)in)[1];
            ((word *)(void *)out)[2] = ((const word *)(const void *)in)[2];
            ((word *)(void *)out)[3] = ((const word *)(const void *)in)[3];
        }
        for (; count >= 4; count -= 4, out += 4, in += 4)
            *(word *)(void *)out = *(const word *)(const void *)in;
    }
    while (count-- > 0)
        *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t count) {
    uint8_t *out = to;
    const uint8_t *in = from;
    if ((uintptr_t)out <= (uintptr_t)in || (uintptr_t)out >= (uintptr_t)in + count) {
        for (size_t i = 0; i < count; i++)
            out[i] = in[i];
    } else {
        while (count-- > 0)
            out[count] = in[count];
    }
    return to;
}

void *memset(void *to, int value, size_t count) {
    uint8_t *out = to;
    const uint32_t four = (uint8_t)value * 0x01010101u;
    for (; count > 0 && ((uintptr_t)out & 3u) != 0; count--)
        *out++ = (uint8_t)value;
    for (; count >= 4; count -= 4, out += 4)
        *(word *)(void *)out = four;
    while (count-- > 0)
        *out++ = (uint8_t)value;
    return to;
}

int memcmp(const void *left, const void *right, size_t count) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (; count > 0; count--, a++, b++) {
        if (*a != *b)
            return *a < *b ? -1 : 1;
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

int strcmp(const char *left, const char *right) {
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return (int)(uint8_t)*left - (int)(uint8_t)*right;
}

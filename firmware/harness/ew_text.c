/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_text.h"

#include "ew_crc.h"
#include "ew_port.h"

uint32_t ew_text_crc;

void ew_put_char(char c) {
    ew_text_crc = ew_crc32(ew_text_crc, &c, 1);
    ew_port_putc(c);
}

void ew_put(const char *text) {
    while (*text != '\0')
        ew_put_char(*text++);
}

void ew_put_u64(uint64_t value) {
    char digits[21]; /* 2^64 has 20 */
    char *first = &digits[20];
    *first = '\0';
    do {
        *--first = (char)('0' + (int)(value % 10u));
        value /= 10u;
    } while (value != 0);
    ew_put(first);
}

void ew_put_hex8(uint8_t value) {
    static const char hex[] = "0123456789abcdef";
    ew_put_char(hex[value >> 4]);
    ew_put_char(hex[value & 15u]);
}

void ew_put_hex32(uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        ew_put_hex8((uint8_t)(value >> shift));
}

void ew_put_foreign(const char *text) {
    for (int i = 0; i < 32 && text[i] != '\0'; ++i) {
        const char c = text[i];
        ew_put_char(c >= ' ' && c <= '~' && c != ']' ? c : '?');
    }
}

static void put_three_digits(uint32_t value) {
    ew_put_char((char)('0' + (int)(value / 100u)));
    ew_put_char((char)('0' + (int)(value / 10u % 10u)));
    ew_put_char((char)('0' + (int)(value % 10u)));
}

void ew_put_q32(int64_t value) {
    const uint64_t size = value < 0 ? 0u - (uint64_t)value : (uint64_t)value;
    uint64_t whole = size >> 32;
    uint32_t thousandths = (uint32_t)(((size & 0xFFFFFFFFu) * 1000u + 0x80000000u) >> 32);
    if (thousandths == 1000u) {
        ++whole;
        thousandths = 0;
    }
    if (value < 0 && (whole | thousandths) != 0)
        ew_put_char('-');
    ew_put_u64(whole);
    ew_put_char('.');
    put_three_digits(thousandths);
}

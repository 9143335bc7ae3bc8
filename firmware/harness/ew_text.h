/* SPDX-License-Identifier: Apache-2.0 */
/* Text for the UART without printf: strings and numbers, no buffers, no floating point. */
#ifndef EW_TEXT_H
#define EW_TEXT_H

#include <stdint.h>

/* One character; every other function here, and so every answer, goes through it. */
void ew_put_char(char c);

/* The CRC-32 of what was put since it was set to 0, and of what was added to it. */
extern uint32_t ew_text_crc;

void ew_put(const char *text);
void ew_put_u64(uint64_t value);   /* decimal */
void ew_put_hex8(uint8_t value);   /* two digits, lower case */
void ew_put_hex32(uint32_t value); /* eight digits, lower case */

/* Text from outside: at most 32 characters, what is not printable or would end the answer's
 * brackets shows as '?'. */
void ew_put_foreign(const char *text);

/* value / 2^32 with three decimals, rounded half away from zero: "-0.125". */
void ew_put_q32(int64_t value);

#endif

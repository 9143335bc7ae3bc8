/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's "virt" board for RISC-V: an NS16550 as UART, with its queues on; the clock is the core's
 * own counter. */
#include "ew_bare.h"
#include "ew_board.h"
#include "ew_port.h"

#define UART(offset)  (*(volatile uint8_t *)(uintptr_t)(EW_PORT_UART_BASE + (offset)))
#define DATA          0u
#define DIVISOR_LOW   0u
#define DIVISOR_HIGH  1u
#define QUEUES        2u
#define LINE          3u
#define STATUS        5u
#define LINE_8N1      0x03u
#define LINE_DIVISOR  0x80u
#define QUEUES_ON     0x07u /* on, and both emptied */
#define STATUS_RX_ANY 0x01u
#define STATUS_TX_ANY 0x20u

void ew_port_init(void) {
    const uint32_t divisor = EW_PORT_UART_HZ / (16u * EW_PORT_BAUD);
    ew_guard_stack();
    UART(LINE) = LINE_DIVISOR | LINE_8N1;
    UART(DIVISOR_LOW) = (uint8_t)divisor;
    UART(DIVISOR_HIGH) = (uint8_t)(divisor >> 8);
    UART(LINE) = LINE_8N1;
    UART(QUEUES) = QUEUES_ON;
}

int ew_port_getc(void) {
    while ((UART(STATUS) & STATUS_RX_ANY) == 0) {
    }
    return UART(DATA);
}

void ew_port_putc(char c) {
    while ((UART(STATUS) & STATUS_TX_ANY) == 0) {
    }
    UART(DATA) = (uint8_t)c;
}

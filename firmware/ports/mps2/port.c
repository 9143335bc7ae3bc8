/* SPDX-License-Identifier: Apache-2.0 */
/* Arm's MPS2 and MPS3 boards: CMSDK UART, SysTick. The FPGA images run at the clock that they start
 * with. */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define UART_DATA     (EW_PORT_UART_BASE + 0x00u)
#define UART_STATE    (EW_PORT_UART_BASE + 0x04u)
#define UART_CTRL     (EW_PORT_UART_BASE + 0x08u)
#define UART_BAUDDIV  (EW_PORT_UART_BASE + 0x10u)
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u

void ew_port_init(void) {
    ew_guard_stack();
    EW_REG(UART_BAUDDIV) = EW_PORT_UART_HZ / EW_PORT_BAUD;
    EW_REG(UART_CTRL) = 3; /* transmit and receive */
    ew_systick_start();
}

int ew_port_getc(void) {
    while ((EW_REG(UART_STATE) & STATE_RX_FULL) == 0) {
    }
    return (int)(EW_REG(UART_DATA) & 0xFFu);
}

void ew_port_putc(char c) {
    while ((EW_REG(UART_STATE) & STATE_TX_FULL) != 0) {
    }
    EW_REG(UART_DATA) = (uint8_t)c;
}

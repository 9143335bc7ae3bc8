/* SPDX-License-Identifier: Apache-2.0 */
/* nRF52: UART0 in its plain form (without DMA), the core at 64 MHz from the 32 MHz crystal. Pins
 * are numbered as PSEL takes them: P0.n is n, P1.n is 32 + n. Registers: Nordic's Product
 * Specifications of nRF52832, nRF52833 and nRF52840, chapters CLOCK, GPIO, NVMC and UART. */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define CLOCK_HFCLKSTART   0x40000000u
#define CLOCK_HFCLKSTARTED 0x40000100u
#define UART_STARTRX       0x40002000u
#define UART_STARTTX       0x40002008u
#define UART_RXDRDY        0x40002108u
#define UART_TXDRDY        0x4000211Cu
#define UART_ENABLE        0x40002500u
#define UART_PSELTXD       0x4000250Cu
#define UART_PSELRXD       0x40002514u
#define UART_RXD           0x40002518u
#define UART_TXD           0x4000251Cu
#define UART_BAUDRATE      0x40002524u
#define UART_CONFIG        0x4000256Cu
#define NVMC_ICACHECNF     0x4001E540u

#define GPIO(pin)          (0x50000000u + ((pin) / 32u) * 0x300u)
#define GPIO_OUTSET(pin)   (GPIO(pin) + 0x508u)
#define GPIO_PIN_CNF(pin)  (GPIO(pin) + 0x700u + 4u * ((pin) % 32u))

#define BAUD_115200        0x01D7E000u

static bool is_sending;

/* The crystal: the oscillator on the chip is too far off for a UART. */
static void start_clock(void) {
    EW_REG(CLOCK_HFCLKSTARTED) = 0;
    EW_REG(CLOCK_HFCLKSTART) = 1;
    while (EW_REG(CLOCK_HFCLKSTARTED) == 0) {
    }
    EW_REG(NVMC_ICACHECNF) = 1; /* flash takes wait states without its cache */
}

static void start_uart(void) {
    EW_REG(GPIO_OUTSET(EW_PORT_TXD)) = 1u << (EW_PORT_TXD % 32u); /* a line at rest is high */
    EW_REG(GPIO_PIN_CNF(EW_PORT_TXD)) = 3;                        /* output */
    EW_REG(GPIO_PIN_CNF(EW_PORT_RXD)) = 0;                        /* input, connected */
    EW_REG(UART_PSELTXD) = EW_PORT_TXD;
    EW_REG(UART_PSELRXD) = EW_PORT_RXD;
    EW_REG(UART_BAUDRATE) = BAUD_115200;
    EW_REG(UART_CONFIG) = 0; /* no parity, no flow control */
    EW_REG(UART_ENABLE) = 4;
    EW_REG(UART_RXDRDY) = 0;
    EW_REG(UART_TXDRDY) = 0;
    EW_REG(UART_STARTTX) = 1;
    EW_REG(UART_STARTRX) = 1;
}

void ew_port_init(void) {
    ew_guard_stack();
    start_clock();
    start_uart();
    ew_systick_start();
}

/* The event is cleared before the byte is read: a byte that comes in between sets it again. */
int ew_port_getc(void) {
    while (EW_REG(UART_RXDRDY) == 0) {
    }
    EW_REG(UART_RXDRDY) = 0;
    return (int)(EW_REG(UART_RXD) & 0xFFu);
}

void ew_port_putc(char c) {
    while (is_sending && EW_REG(UART_TXDRDY) == 0) {
    }
    EW_REG(UART_TXDRDY) = 0;
    EW_REG(UART_TXD) = (uint8_t)c;
    is_sending = true;
}

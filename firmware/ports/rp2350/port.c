/* SPDX-License-Identifier: Apache-2.0 */
/* RP2350 on its Cortex-M33: UART0 on GPIO0/1, 150 MHz from the 12 MHz crystal. Registers and
 * sequences: the RP2350 Datasheet, chapters "Clocks", "Crystal oscillator (XOSC)", "PLL", "Resets",
 * "GPIO" (pads are isolated after reset) and "UART". Flash is read as the boot ROM leaves it. */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define CLK_REF_CTRL     0x40010030u
#define CLK_REF_SELECTED 0x40010038u
#define CLK_SYS_CTRL     0x4001003Cu
#define CLK_SYS_SELECTED 0x40010044u
#define CLK_PERI_CTRL    0x40010048u
#define RESETS_RESET     0x40020000u
#define RESETS_DONE      0x40020008u
#define GPIO0_CTRL       0x40028004u
#define GPIO1_CTRL       0x4002800Cu
#define PADS_GPIO0       0x40038004u
#define PADS_GPIO1       0x40038008u
#define XOSC_CTRL        0x40048000u
#define XOSC_STATUS      0x40048004u
#define XOSC_STARTUP     0x4004800Cu
#define PLL_SYS_CS       0x40050000u
#define PLL_SYS_PWR      0x40050004u
#define PLL_SYS_FBDIV    0x40050008u
#define PLL_SYS_PRIM     0x4005000Cu
#define UART0_DR         0x40070000u
#define UART0_FR         0x40070018u
#define UART0_IBRD       0x40070024u
#define UART0_FBRD       0x40070028u
#define UART0_LCR_H      0x4007002Cu
#define UART0_CR         0x40070030u

#define RESET_IO_BANK0   (1u << 6)
#define RESET_PADS_BANK0 (1u << 9)
#define RESET_PLL_SYS    (1u << 14)
#define RESET_UART0      (1u << 26)

#define PAD              0x52u /* input on, 4 mA, Schmitt trigger; not isolated */
#define FR_RX_EMPTY      (1u << 4)
#define FR_TX_FULL       (1u << 5)

static void wait_for(uint32_t address, uint32_t bits) {
    while ((EW_REG(address) & bits) != bits) {
    }
}

static void out_of_reset(uint32_t blocks) {
    EW_REG(RESETS_RESET) &= ~blocks;
    wait_for(RESETS_DONE, blocks);
}

/* 12 MHz * 125 / 5 / 2 = 150 MHz. The boot ROM may have left the PLL running: the core is on the
 * crystal while it changes. */
static void start_clock(void) {
    EW_REG(XOSC_STARTUP) = 47; /* 47 * 256 cycles of 12 MHz: 1 ms */
    EW_REG(XOSC_CTRL) = (0xFABu << 12) | 0xAA0u;
    wait_for(XOSC_STATUS, 1u << 31);
    EW_REG(CLK_SYS_CTRL) &= ~1u; /* clk_ref */
    wait_for(CLK_SYS_SELECTED, 1u << 0);
    EW_REG(CLK_REF_CTRL) = 2; /* crystal */
    wait_for(CLK_REF_SELECTED, 1u << 2);
    EW_REG(RESETS_RESET) |= RESET_PLL_SYS;
    out_of_reset(RESET_PLL_SYS);
    EW_REG(PLL_SYS_CS) = 1; /* reference divider */
    EW_REG(PLL_SYS_FBDIV) = 125;
    EW_REG(PLL_SYS_PWR) &= ~((1u << 0) | (1u << 5)); /* PLL and its oscillator on */
    wait_for(PLL_SYS_CS, 1u << 31);
    EW_REG(PLL_SYS_PRIM) = (5u << 16) | (2u << 12);
    EW_REG(PLL_SYS_PWR) &= ~(1u << 3); /* post dividers on */
    EW_REG(CLK_SYS_CTRL) = 0;          /* auxiliary source: the PLL; not yet taken */
    EW_REG(CLK_SYS_CTRL) = 1;
    wait_for(CLK_SYS_SELECTED, 1u << 1);
    EW_REG(CLK_PERI_CTRL) = 1u << 11; /* on, from clk_sys */
}

static void start_uart(void) {
    const uint32_t divider =
        (4u * EW_PORT_TIMER_HZ + EW_PORT_BAUD / 2u) / EW_PORT_BAUD; /* in 1/64 */
    out_of_reset(RESET_IO_BANK0 | RESET_PADS_BANK0 | RESET_UART0);
    EW_REG(UART0_IBRD) = divider >> 6;
    EW_REG(UART0_FBRD) = divider & 63u;
    EW_REG(UART0_LCR_H) = (3u << 5) | (1u << 4);          /* 8 bits, FIFOs on */
    EW_REG(UART0_CR) = (1u << 9) | (1u << 8) | (1u << 0); /* receive, transmit, enable */
    EW_REG(GPIO0_CTRL) = 2;
    EW_REG(GPIO1_CTRL) = 2;
    EW_REG(PADS_GPIO0) = PAD;
    EW_REG(PADS_GPIO1) = PAD;
}

void ew_port_init(void) {
    ew_guard_stack();
    start_clock();
    start_uart();
    ew_systick_start();
}

int ew_port_getc(void) {
    while ((EW_REG(UART0_FR) & FR_RX_EMPTY) != 0) {
    }
    return (int)(EW_REG(UART0_DR) & 0xFFu);
}

void ew_port_putc(char c) {
    while ((EW_REG(UART0_FR) & FR_TX_FULL) != 0) {
    }
    EW_REG(UART0_DR) = (uint8_t)c;
}

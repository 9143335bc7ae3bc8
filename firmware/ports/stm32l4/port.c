/* SPDX-License-Identifier: Apache-2.0 */
/* STM32L4+ on a Nucleo-144 board: LPUART1 on PG7/PG8 (the virtual COM port of ST-LINK), 120 MHz
 * from MSI and PLL. Register addresses and sequences: ST's reference manual RM0432. */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define RCC_CR       0x40021000u
#define RCC_CFGR     0x40021008u
#define RCC_PLLCFGR  0x4002100Cu
#define RCC_AHB2ENR  0x4002104Cu
#define RCC_APB1ENR1 0x40021058u
#define RCC_APB1ENR2 0x4002105Cu
#define PWR_CR2      0x40007004u
#define PWR_CR5      0x40007080u
#define FLASH_ACR    0x40022000u
#define GPIOG_MODER  0x48001800u
#define GPIOG_AFRL   0x48001820u
#define GPIOG_AFRH   0x48001824u
#define LPUART1_CR1  0x40008000u
#define LPUART1_BRR  0x4000800Cu
#define LPUART1_ISR  0x4000801Cu
#define LPUART1_ICR  0x40008020u
#define LPUART1_RDR  0x40008024u
#define LPUART1_TDR  0x40008028u

#define ISR_ORE      (1u << 3)
#define ISR_RXNE     (1u << 5)
#define ISR_TXE      (1u << 7)

static void change(uint32_t address, uint32_t clear, uint32_t set) {
    EW_REG(address) = (EW_REG(address) & ~clear) | set;
}

static void wait_for(uint32_t address, uint32_t mask, uint32_t value) {
    while ((EW_REG(address) & mask) != value) {
    }
}

/* MSI 4 MHz / 1 * 60 / 2 = 120 MHz, in voltage range 1 boost mode, with five wait states and both
 * flash caches. */
static void start_clock(void) {
    change(RCC_APB1ENR1, 0, 1u << 28);       /* PWREN */
    change(PWR_CR5, 1u << 8, 0);             /* R1MODE = 0: boost */
    change(FLASH_ACR, 0xFu, 5u | (7u << 8)); /* LATENCY = 5, PRFTEN, ICEN, DCEN */
    wait_for(FLASH_ACR, 0xFu, 5u);
    EW_REG(RCC_PLLCFGR) =
        1u | (60u << 8) | (1u << 24);     /* source MSI, M = 1, N = 60, R = 2, PLLREN */
    change(RCC_CR, 0, 1u << 24);          /* PLLON */
    wait_for(RCC_CR, 1u << 25, 1u << 25); /* PLLRDY */
    change(RCC_CFGR, 0xFu << 4, 8u << 4); /* half speed while the regulator settles */
    change(RCC_CFGR, 3u, 3u);             /* SW = PLL */
    wait_for(RCC_CFGR, 3u << 2, 3u << 2);
    for (volatile uint32_t i = 0; i < 60; ++i) { /* at least 1 us */
    }
    change(RCC_CFGR, 0xFu << 4, 0);
}

static void start_uart(void) {
    change(PWR_CR2, 0, 1u << 9);      /* IOSV: pins G2..G15 have a supply of their own */
    change(RCC_AHB2ENR, 0, 1u << 6);  /* GPIOG */
    change(RCC_APB1ENR2, 0, 1u << 0); /* LPUART1 */
    (void)EW_REG(RCC_APB1ENR2);       /* the clock is there two cycles later */
    change(GPIOG_AFRL, 0xFu << 28, 8u << 28);
    change(GPIOG_AFRH, 0xFu, 8u);
    change(GPIOG_MODER, 0xFu << 14, 0xAu << 14); /* PG7, PG8: alternate function */
    EW_REG(LPUART1_BRR) =
        (uint32_t)((256ull * EW_PORT_TIMER_HZ + EW_PORT_BAUD / 2u) / EW_PORT_BAUD);
    EW_REG(LPUART1_CR1) = (1u << 29) | (1u << 3) | (1u << 2) | 1u; /* FIFOEN, TE, RE, UE */
}

void ew_port_init(void) {
    ew_guard_stack();
    start_clock();
    start_uart();
    ew_systick_start();
}

int ew_port_getc(void) {
    uint32_t state;
    do {
        state = EW_REG(LPUART1_ISR);
        if ((state & ISR_ORE) != 0)
            EW_REG(LPUART1_ICR) = ISR_ORE; /* the lost byte shows as a bad command */
    } while ((state & ISR_RXNE) == 0);
    return (int)(EW_REG(LPUART1_RDR) & 0xFFu);
}

void ew_port_putc(char c) {
    wait_for(LPUART1_ISR, ISR_TXE, ISR_TXE);
    EW_REG(LPUART1_TDR) = (uint8_t)c;
}

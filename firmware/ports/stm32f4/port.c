/* SPDX-License-Identifier: Apache-2.0 */
/* STM32F4: a USART (2 on PA2/PA3, which is the virtual COM port of Nucleo-64 boards, or 1 on
 * PA9/PA10) and the clock from the internal oscillator of 16 MHz through the PLL. What differs from
 * chip to chip stands in the board's file. Register addresses, bits and sequences: ST's reference
 * manuals RM0368 (F401), RM0090 (F405), RM0383 (F411) and RM0390 (F446), sections "Power controller
 * (PWR)", "Reset and clock control (RCC)", "Embedded Flash memory interface", "Universal
 * synchronous asynchronous receiver transmitter (USART)"; alternate functions: the data sheets'
 * tables. */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define RCC_CR      0x40023800u
#define RCC_PLLCFGR 0x40023804u
#define RCC_CFGR    0x40023808u
#define RCC_AHB1ENR 0x40023830u
#define RCC_APB1ENR 0x40023840u
#define RCC_APB2ENR 0x40023844u
#define PWR_CR      0x40007000u
#define PWR_CSR     0x40007004u
#define FLASH_ACR   0x40023C00u
#define GPIOA_MODER 0x40020000u
#define GPIOA_AFRL  0x40020020u
#define GPIOA_AFRH  0x40020024u

#if EW_PORT_UART == 1
#define USART   0x40011000u
#define UART_HZ (EW_PORT_TIMER_HZ >> EW_PORT_APB2_SHIFT)
#else
#define USART   0x40004400u
#define UART_HZ (EW_PORT_TIMER_HZ >> EW_PORT_APB1_SHIFT)
#endif
#define USART_SR  (USART + 0x00u)
#define USART_DR  (USART + 0x04u)
#define USART_BRR (USART + 0x08u)
#define USART_CR1 (USART + 0x0Cu)

#define SR_RXNE   (1u << 5)
#define SR_TXE    (1u << 7)

/* Divider of a bus as RCC_CFGR has it: 0 for none, 4 for two, 5 for four. */
#define PPRE(shift) ((shift) > 0 ? 3u + (shift) : 0u)

static void change(uint32_t address, uint32_t clear, uint32_t set) {
    EW_REG(address) = (EW_REG(address) & ~clear) | set;
}

/* Waits for some 30 ms at most, a hundred times what any of these takes: emulators have no clocks
 * that could come. */
static void wait_for(uint32_t address, uint32_t mask, uint32_t value) {
    for (uint32_t i = 0; i < 100000u && (EW_REG(address) & mask) != value; ++i) {
    }
}

/* Over-drive, without which a STM32F446 may not run above 168 MHz. */
static void start_overdrive(void) {
    change(PWR_CR, 0, 1u << 16); /* ODEN */
    wait_for(PWR_CSR, 1u << 16, 1u << 16);
    change(PWR_CR, 0, 1u << 17); /* ODSWEN */
    wait_for(PWR_CSR, 1u << 17, 1u << 17);
}

/* HSI 16 MHz / 8 * N / P. */
static void start_clock(void) {
    const uint32_t half_p = EW_PORT_PLL_P / 2u - 1u;
    change(RCC_APB1ENR, 0, 1u << 28); /* PWREN */
    (void)EW_REG(RCC_APB1ENR);        /* the clock is there two cycles later */
    change(PWR_CR, 3u << 14, EW_PORT_VOS << 14);
    change(RCC_CR, 0, 1u); /* HSION */
    wait_for(RCC_CR, 2u, 2u);
    change(RCC_PLLCFGR, 0x0F437FFFu, /* source HSI, M = 8, Q = 8 */
           8u | (EW_PORT_PLL_N << 6) | (half_p << 16) | (8u << 24));
    change(RCC_CR, 0, 1u << 24); /* PLLON */
    wait_for(RCC_CR, 1u << 25, 1u << 25);
    if (EW_PORT_OVERDRIVE > 0)
        start_overdrive();
    change(FLASH_ACR, 0xFu, EW_PORT_WAIT_STATES | (7u << 8)); /* PRFTEN, ICEN, DCEN */
    wait_for(FLASH_ACR, 0xFu, EW_PORT_WAIT_STATES);
    change(RCC_CFGR, (7u << 10) | (7u << 13),
           (PPRE(EW_PORT_APB1_SHIFT) << 10) | (PPRE(EW_PORT_APB2_SHIFT) << 13));
    change(RCC_CFGR, 3u, 2u); /* SW = PLL */
    wait_for(RCC_CFGR, 3u << 2, 2u << 2);
}

static void start_uart(void) {
    change(RCC_AHB1ENR, 0, 1u << 0); /* GPIOA */
#if EW_PORT_UART == 1
    change(RCC_APB2ENR, 0, 1u << 4);
    (void)EW_REG(RCC_APB2ENR);
    change(GPIOA_AFRH, 0xFF0u, 0x770u); /* PA9, PA10: AF7 */
    change(GPIOA_MODER, 0xFu << 18, 0xAu << 18);
#else
    change(RCC_APB1ENR, 0, 1u << 17);
    (void)EW_REG(RCC_APB1ENR);
    change(GPIOA_AFRL, 0xFF00u, 0x7700u); /* PA2, PA3: AF7 */
    change(GPIOA_MODER, 0xFu << 4, 0xAu << 4);
#endif
    EW_REG(USART_BRR) = (UART_HZ + EW_PORT_BAUD / 2u) / EW_PORT_BAUD; /* oversampling by 16 */
    EW_REG(USART_CR1) = (1u << 13) | (1u << 3) | (1u << 2);           /* UE, TE, RE */
}

void ew_port_init(void) {
    ew_guard_stack();
    start_clock();
    start_uart();
    ew_systick_start();
}

/* An overrun ends with the byte that is read: the lost one shows as a bad command. */
int ew_port_getc(void) {
    while ((EW_REG(USART_SR) & SR_RXNE) == 0) {
    }
    return (int)(EW_REG(USART_DR) & 0xFFu);
}

void ew_port_putc(char c) {
    while ((EW_REG(USART_SR) & SR_TXE) == 0) {
    }
    EW_REG(USART_DR) = (uint8_t)c;
}

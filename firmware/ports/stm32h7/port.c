/* SPDX-License-Identifier: Apache-2.0 */
/* STM32H743 on a Nucleo-144 board: USART3 on PD8/PD9 (the virtual COM port of ST-LINK; UM2407), 480
 * MHz from the internal oscillator of 64 MHz through PLL1, which asks for a chip of revision V.
 * Register addresses, bits and sequences: ST's reference manual RM0433, sections "Power control
 * (PWR)", "Reset and Clock Control (RCC)", "Embedded Flash memory", "System configuration
 * controller"; the caches: Arm's Cortex-M7 Generic User Guide, "Cache maintenance design hints". */
#include "ew_board.h"
#include "ew_cortexm.h"
#include "ew_port.h"

#define FLASH_ACR     0x52002000u
#define RCC_CR        0x58024400u
#define RCC_CFGR      0x58024410u
#define RCC_D1CFGR    0x58024418u
#define RCC_D2CFGR    0x5802441Cu
#define RCC_D3CFGR    0x58024420u
#define RCC_PLLCKSELR 0x58024428u
#define RCC_PLLCFGR   0x5802442Cu
#define RCC_PLL1DIVR  0x58024430u
#define RCC_AHB4ENR   0x580244E0u
#define RCC_APB1LENR  0x580244E8u
#define RCC_APB4ENR   0x580244F4u
#define PWR_CSR1      0x58024804u
#define PWR_CR3       0x5802480Cu
#define PWR_D3CR      0x58024818u
#define SYSCFG_PWRCR  0x5800042Cu
#define GPIOD_MODER   0x58020C00u
#define GPIOD_AFRH    0x58020C24u
#define USART3_CR1    0x40004800u
#define USART3_BRR    0x4000480Cu
#define USART3_ISR    0x4000481Cu
#define USART3_ICR    0x40004820u
#define USART3_RDR    0x40004824u
#define USART3_TDR    0x40004828u

#define ISR_ORE       (1u << 3)
#define ISR_RXNE      (1u << 5)
#define ISR_TXE       (1u << 7)

#define CCR           0xE000ED14u
#define CCSIDR        0xE000ED80u
#define CSSELR        0xE000ED84u
#define ICIALLU       0xE000EF50u
#define DCISW         0xE000EF60u

#define UART_HZ       (EW_PORT_TIMER_HZ / 4u) /* of APB1 */

static void change(uint32_t address, uint32_t clear, uint32_t set) {
    EW_REG(address) = (EW_REG(address) & ~clear) | set;
}

static void wait_for(uint32_t address, uint32_t mask, uint32_t value) {
    while ((EW_REG(address) & mask) != value) {
    }
}

/* The supply by LDO is locked in, the core's voltage raised to scale 1 and from there to scale 0.
 */
static void raise_voltage(void) {
    change(PWR_CR3, 7u, 2u); /* LDOEN alone; written once after power came */
    wait_for(PWR_CSR1, 1u << 13, 1u << 13);
    change(PWR_D3CR, 0, 3u << 14); /* VOS: scale 1 */
    wait_for(PWR_D3CR, 1u << 13, 1u << 13);
    change(RCC_APB4ENR, 0, 1u << 1); /* SYSCFGEN */
    (void)EW_REG(RCC_APB4ENR);
    change(SYSCFG_PWRCR, 0, 1u); /* ODEN */
    wait_for(PWR_D3CR, 1u << 13, 1u << 13);
}

/* HSI 64 MHz / 4 * 60 / 2 = 480 MHz; AXI and AHB at 240 MHz, APB at 120 MHz. */
static void start_clock(void) {
    raise_voltage();
    change(FLASH_ACR, 0x3Fu, 4u | (2u << 4)); /* LATENCY = 4, WRHIGHFREQ = 2 */
    wait_for(FLASH_ACR, 0xFu, 4u);
    change(RCC_PLLCKSELR, 0x3F3u, 4u << 4);            /* source HSI, M = 4 */
    change(RCC_PLLCFGR, 0xFu, (3u << 2) | (1u << 16)); /* from 8 to 16 MHz, wide, P on */
    EW_REG(RCC_PLL1DIVR) = 59u | (1u << 9) | (1u << 16) | (1u << 24); /* N = 60; P, Q, R = 2 */
    change(RCC_CR, 0, 1u << 24);                                      /* PLL1ON */
    wait_for(RCC_CR, 1u << 25, 1u << 25);
    change(RCC_D1CFGR, 0xF7Fu, 8u | (4u << 4)); /* HPRE = 2, D1PPRE = 2 */
    change(RCC_D2CFGR, 0x770u, (4u << 4) | (4u << 8));
    change(RCC_D3CFGR, 0x70u, 4u << 4);
    change(RCC_CFGR, 7u, 3u); /* SW = PLL1 */
    wait_for(RCC_CFGR, 7u << 3, 3u << 3);
}

static void barrier(void) {
    __asm__ volatile("dsb\n\tisb" ::: "memory");
}

/* Both caches; after reset the lines of the data cache hold anything, and are dropped one by one.
 */
static void start_caches(void) {
    EW_REG(ICIALLU) = 0;
    EW_REG(CSSELR) = 0;
    barrier();
    const uint32_t size = EW_REG(CCSIDR);
    for (uint32_t set = 0; set <= (size >> 13 & 0x7FFFu); ++set) {
        for (uint32_t way = 0; way <= (size >> 3 & 0x3FFu); ++way)
            EW_REG(DCISW) = (way << 30) | (set << 5); /* four ways of lines of 32 bytes */
    }
    barrier();
    EW_REG(CCR) |= (1u << 16) | (1u << 17);
    barrier();
}

static void start_uart(void) {
    change(RCC_AHB4ENR, 0, 1u << 3); /* GPIOD */
    change(RCC_APB1LENR, 0, 1u << 18);
    (void)EW_REG(RCC_APB1LENR);
    change(GPIOD_AFRH, 0xFFu, 0x77u); /* PD8, PD9: AF7 */
    change(GPIOD_MODER, 0xFu << 16, 0xAu << 16);
    EW_REG(USART3_BRR) = (UART_HZ + EW_PORT_BAUD / 2u) / EW_PORT_BAUD;
    EW_REG(USART3_CR1) = (1u << 29) | (1u << 3) | (1u << 2) | 1u; /* FIFOEN, TE, RE, UE */
}

void ew_port_init(void) {
    ew_guard_stack();
    start_caches();
    start_clock();
    start_uart();
    ew_systick_start();
}

int ew_port_getc(void) {
    uint32_t state;
    do {
        state = EW_REG(USART3_ISR);
        if ((state & ISR_ORE) != 0)
            EW_REG(USART3_ICR) = ISR_ORE; /* the lost byte shows as a bad command */
    } while ((state & ISR_RXNE) == 0);
    return (int)(EW_REG(USART3_RDR) & 0xFFu);
}

void ew_port_putc(char c) {
    wait_for(USART3_ISR, ISR_TXE, ISR_TXE);
    EW_REG(USART3_TDR) = (uint8_t)c;
}

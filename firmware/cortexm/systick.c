/* SPDX-License-Identifier: Apache-2.0 */
/* SysTick as a 64-bit clock: 24 bits count down in hardware, the wraps are counted in its
 * interrupt. */
#include "ew_cortexm.h"
#include "ew_port.h"

#define CSR    0xE000E010u
#define RVR    0xE000E014u
#define CVR    0xE000E018u
#define PERIOD 0x1000000u

static volatile uint32_t wraps;

void ew_systick_handler(void) {
    ++wraps;
}

void ew_systick_start(void) {
    ew_cycles_start();
    EW_REG(RVR) = PERIOD - 1u;
    EW_REG(CVR) = 0;
    EW_REG(CSR) = 7; /* on, with interrupt, clock of the core */
    while (EW_REG(CVR) == 0) {
    } /* it holds 0 until the first reload */
}

uint64_t ew_port_ticks(void) {
    uint32_t before, value;
    do {
        before = wraps;
        value = EW_REG(CVR);
        __asm__ volatile("isb" ::: "memory"); /* a wrap that is pending is taken here */
    } while (before != wraps);
    return ((uint64_t)before << 24) |
           ((PERIOD - value) & (PERIOD - 1u)); /* the interrupt comes as the count gets 0 */
}

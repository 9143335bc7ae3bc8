/* SPDX-License-Identifier: Apache-2.0 */
/* The cycle counter of the debug unit (DWT) of Cortex-M3 and above. Small cores and emulators have
 * none; SysTick, which counts the same cycles, takes its place. */
#include "ew_cortexm.h"
#include "ew_port.h"

#define DEMCR      0xE000EDFCu
#define DWT_CTRL   0xE0001000u
#define DWT_CYCCNT 0xE0001004u
#define DWT_LAR    0xE0001FB0u /* Cortex-M7 keeps the unit locked */
#define TRCENA     (1u << 24)
#define CYCCNTENA  (1u << 0)
#define NOCYCCNT   (1u << 25)
#define UNLOCK     0xC5ACCE55u

static bool has_counter;

void ew_cycles_start(void) {
#if __ARM_ARCH >= 7
    EW_REG(DEMCR) |= TRCENA;
    EW_REG(DWT_LAR) = UNLOCK;
    EW_REG(DWT_CTRL) |= CYCCNTENA;
    const uint32_t before = EW_REG(DWT_CYCCNT);
    __asm__ volatile("isb" ::: "memory");
    has_counter = (EW_REG(DWT_CTRL) & NOCYCCNT) == 0 && EW_REG(DWT_CYCCNT) != before;
#endif
}

uint32_t ew_port_count(void) {
    return has_counter ? EW_REG(DWT_CYCCNT) : (uint32_t)ew_port_ticks();
}

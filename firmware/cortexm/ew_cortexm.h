/* SPDX-License-Identifier: Apache-2.0 */
/* What all Cortex-M ports share: start-up, faults, SysTick. Symbols of the linker script are
 * declared here. */
#ifndef EW_CORTEXM_H
#define EW_CORTEXM_H

#include <stdint.h>

#define EW_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Of the linker script. The stack is the lowest part of RAM, so that an overflow faults and damages
 * no data. */
extern uint32_t ew_stack_limit[], ew_stack_top[];
extern uint32_t ew_data_start[], ew_data_end[], ew_bss_start[], ew_bss_end[];
extern const uint32_t ew_data_load[], ew_image_start[], ew_image_end[];

/* Entry point: FPU on, .data and .bss set up, then main(). */
void ew_reset(void);

/* Every fault and every exception that nobody asked for: prints the registers as an e-[...] line
 * and stops. */
void ew_fault(void);

/* From here on, a stack that overflows faults at once, by the stack limit (Armv8-M) or the MPU
 * (Armv7-M, where there is one). Without it the access below RAM faults on most chips, not on all.
 */
void ew_guard_stack(void);

/* Start the cycle counter, where there is one. */
void ew_cycles_start(void);

/* Start SysTick and the cycle counter with the clock of the core; its wraps are counted by
 * ew_systick_handler(). */
void ew_systick_start(void);
void ew_systick_handler(void);

#endif

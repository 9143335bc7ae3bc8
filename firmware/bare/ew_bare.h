/* SPDX-License-Identifier: Apache-2.0 */
/* What all ports without an operating system share: start-up, faults, registers. Symbols of the
 * linker script are declared here. */
#ifndef EW_BARE_H
#define EW_BARE_H

#include <stdint.h>

#define EW_REG(address) (*(volatile uint32_t *)(uintptr_t)(address))

/* Of the linker script. The stack is the lowest part of RAM, so that an overflow faults and damages
 * no data. */
extern uint32_t ew_stack_limit[], ew_stack_top[];
extern uint32_t ew_data_start[], ew_data_end[], ew_bss_start[], ew_bss_end[];
extern const uint32_t ew_data_load[], ew_image_start[], ew_image_end[];

/* The same of the RAM that is faster than the rest, of boards that have such. */
extern uint32_t ew_fast_data_start[], ew_fast_data_end[], ew_fast_bss_start[], ew_fast_bss_end[];
extern const uint32_t ew_fast_data_load[];

/* Entry point: .data and .bss set up, what the core needs switched on, then main(). */
void ew_reset(void);

/* Every fault and every exception that nobody asked for: prints the registers as an e-[...] line
 * and stops. */
void ew_fault(void);

/* From here on, a stack that overflows faults at once, where the core can watch it. Without it the
 * access below RAM faults on most chips, not on all. */
void ew_guard_stack(void);

/* .data is copied from flash, .bss is zeroed. */
static inline void ew_set_up_memory(void) {
    const uint32_t *from = ew_data_load;
    for (uint32_t *to = ew_data_start; to < ew_data_end;)
        *to++ = *from++;
    for (uint32_t *to = ew_bss_start; to < ew_bss_end;)
        *to++ = 0;
#ifdef EW_FAST_RAM
    from = ew_fast_data_load;
    for (uint32_t *to = ew_fast_data_start; to < ew_fast_data_end;)
        *to++ = *from++;
    for (uint32_t *to = ew_fast_bss_start; to < ew_fast_bss_end;)
        *to++ = 0;
#endif
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What all Cortex-M ports share beside firmware/bare/: SysTick and the cycle counter. */
#ifndef EW_CORTEXM_H
#define EW_CORTEXM_H

#include "ew_bare.h"

/* Start the cycle counter, where there is one. */
void ew_cycles_start(void);

/* Start SysTick and the cycle counter with the clock of the core; its wraps are counted by
 * ew_systick_handler(). */
void ew_systick_start(void);
void ew_systick_handler(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The core's own counter of cycles as clock: 64 bits that never stop. */
#include "ew_port.h"
#include "ew_riscv.h"

uint64_t ew_port_ticks(void) {
    uint32_t high, low, again;
    do {
        EW_CSR_READ("mcycleh", high);
        EW_CSR_READ("mcycle", low);
        EW_CSR_READ("mcycleh", again);
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

uint32_t ew_port_count(void) {
    uint32_t low;
    EW_CSR_READ("mcycle", low);
    return low;
}

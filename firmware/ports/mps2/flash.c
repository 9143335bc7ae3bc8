/* SPDX-License-Identifier: Apache-2.0 */
/* Where these boards keep programs is RAM that was loaded before reset: it is written as it is. */
#include "ew_port.h"

bool ew_port_flash(const void *place, const void *bytes, uint32_t count) {
    volatile uint8_t *const to = (volatile uint8_t *)(uintptr_t)place;
    const uint8_t *const from = bytes;
    for (uint32_t i = 0; i < count; i++) {
        to[i] = from[i];
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_profile.h"

#include "ew_port.h"

static struct {
    uint32_t *ticks;
    uint32_t room, count;
    uint64_t last;
} profile;

void ew_profile_layer(void) {
    if (profile.count >= profile.room)
        return;
    const uint64_t now = ew_port_ticks();
    profile.ticks[profile.count++] = (uint32_t)(now - profile.last);
    profile.last = ew_port_ticks(); /* after the store, so that it counts for no layer */
}

void ew_profile_begin(uint32_t *ticks, uint32_t room) {
    profile.ticks = ticks;
    profile.count = 0;
    profile.room = room;
    profile.last = ew_port_ticks();
}

uint32_t ew_profile_end(void) {
    profile.room = 0;
    return profile.count;
}

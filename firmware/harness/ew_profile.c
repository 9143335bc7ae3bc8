/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_profile.h"

#include "ew_port.h"

static struct {
    uint32_t *ticks;
    uint32_t room, count, last;
} profile;

void ew_profile_layer(void) {
    if (profile.count >= profile.room)
        return;
    const uint32_t now = ew_port_count();
    profile.ticks[profile.count++] = now - profile.last;
    profile.last = ew_port_count(); /* after the store, so that it counts for no layer */
}

void ew_profile_begin(uint32_t *ticks, uint32_t room) {
    profile.ticks = ticks;
    profile.count = 0;
    profile.room = room;
    profile.last = ew_port_count();
}

uint32_t ew_profile_end(void) {
    profile.room = 0;
    return profile.count;
}

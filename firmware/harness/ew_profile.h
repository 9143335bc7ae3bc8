/* SPDX-License-Identifier: Apache-2.0 */
/* Time of each layer. The build includes this file before the generated model, whose calls of
 * EW_PROFILE_LAYER() after each layer are empty otherwise. */
#ifndef EW_PROFILE_H
#define EW_PROFILE_H

#include <stdint.h>

#define EW_PROFILE_LAYER(index) ew_profile_layer()

/* A layer ends here. Costs a few instructions while no profile is taken; those of this function and
 * of its call are left out of the counts that the emulator takes. */
void ew_profile_layer(void);

/* Until ew_profile_end(), each layer's ticks of the port's timer go to ticks[0], ticks[1], .. up to
 * `room` of them. */
void ew_profile_begin(uint32_t *ticks, uint32_t room);

/* How many layers were seen. */
uint32_t ew_profile_end(void);

#endif

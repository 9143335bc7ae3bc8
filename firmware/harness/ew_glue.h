/* SPDX-License-Identifier: Apache-2.0 */
/* The models of this firmware as the harness sees them; the build renders it from
 * templates/glue.c.j2.
 */
#ifndef EW_GLUE_H
#define EW_GLUE_H

#include "ew_harness.h"

extern const ew_model ew_glue_models[];
extern const uint32_t ew_glue_model_count;

/* Unpacks weights, where the model has such; 0 is success, else an ew_status. Once, before all
 * else. */
int ew_glue_prepare(void);

/* One inference of each model, in turn; 0 is success, else an ew_status. Of the minimal image. */
int ew_glue_run(void);

#endif

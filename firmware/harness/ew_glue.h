/* SPDX-License-Identifier: Apache-2.0 */
/* The model of this firmware as the harness sees it; the build renders it from templates/glue.c.j2.
 */
#ifndef EW_GLUE_H
#define EW_GLUE_H

#include "ew_harness.h"

extern const ew_model ew_glue_model;

/* Unpacks weights, where the model has such; 0 is success, else an ew_status. Once, before all
 * else. */
int ew_glue_prepare(void);

/* One inference of the input in place; 0 is success, else the model's ew_status. */
int ew_glue_run(void);

#endif

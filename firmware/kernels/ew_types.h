/* SPDX-License-Identifier: Apache-2.0 */
/* What generated code and its callers share: status codes and the profiling hook. */
#ifndef EW_TYPES_H
#define EW_TYPES_H

#include <stdint.h>

typedef enum {
    EW_OK = 0,
    EW_ERR_NULL = 1,      /* a pointer is null */
    EW_ERR_ALIGNMENT = 2, /* the arena, or an input or output wider than a byte, is not aligned */
    EW_ERR_WEIGHTS = 3,   /* coded weights are truncated or changed */
} ew_status;

/* One layer of a model, for reports: see <model>_layers.h. */
typedef struct {
    const char *name;
    const char *op;
    uint32_t macs;
} ew_layer;

/* Runs after layer i of a model. Define it before this header to count instructions or time per
 * layer. */
#ifndef EW_PROFILE_LAYER
#define EW_PROFILE_LAYER(i) ((void)0)
#endif

#endif

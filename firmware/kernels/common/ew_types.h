/* SPDX-License-Identifier: Apache-2.0 */
/* What generated code and its callers share: status codes and the profiling hook. */
#ifndef EW_TYPES_H
#define EW_TYPES_H

#include <stdint.h>

typedef enum {
    EW_OK = 0,
    EW_ERR_NULL = 1,      /* a pointer is null */
    EW_ERR_ALIGNMENT = 2, /* the arena, or an input or output wider than a byte, is not aligned */
    EW_ERR_WEIGHTS = 3,   /* coded weights are truncated or changed, or were not unpacked */
    EW_ERR_WRITE = 4,     /* for functions that write unpacked weights: they could not */
} ew_status;

/* One layer of a model, for reports: see <model>_layers.h. */
typedef struct {
    const char *name;
    const char *op;
    uint32_t macs;
} ew_layer;

/* Writes `count` bytes of unpacked weights, `place` bytes behind their first one. Returns EW_OK, or
 * what ends the unpacking. */
typedef ew_status ew_weights_write(void *context, int32_t place, const void *bytes, int32_t count);

/* Runs after layer i of a model. Define it before this header to count instructions or time per
 * layer. */
#ifndef EW_PROFILE_LAYER
#define EW_PROFILE_LAYER(i) ((void)0)
#endif

#endif

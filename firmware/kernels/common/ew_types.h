/* SPDX-License-Identifier: Apache-2.0 */
/* What generated code and its callers share: status codes, where memory lies, the profiling hook.
 */
#ifndef EW_TYPES_H
#define EW_TYPES_H

#include <stdint.h>

/* Of what models' headers ask: models of several versions of Edgewright may stand in one program,
 * and the header of the first one that is included serves all. */
#define EW_TYPES_VERSION 1

typedef enum {
    EW_OK = 0,
    EW_ERR_NULL = 1,      /* a pointer is null */
    EW_ERR_ALIGNMENT = 2, /* the arena, or an input or output wider than a byte, is not aligned */
    EW_ERR_WEIGHTS = 3,   /* coded weights are truncated or changed, or were not unpacked */
    EW_ERR_WRITE = 4,     /* for functions that write unpacked weights: they could not */
    EW_ERR_SIZE = 5,   /* the arena is too small; or there are more rows of the input, or fewer */
    EW_ERR_ANSWER = 6, /* the self-test: the model gave other numbers than it should */
} ew_status;

/*
 * Where things go. Define these before anything of a model is compiled, on the command line for
 * instance, as names of sections of your linker script: EW_WEIGHTS_SECTION=".qspi" for constants,
 * EW_CODE_SECTION=".itcm" for the code of the layers, EW_ARENA_SECTION=".dtcm" for what is declared
 * with EW_ARENA.
 */
#ifdef EW_WEIGHTS_SECTION
#define EW_WEIGHTS __attribute__((section(EW_WEIGHTS_SECTION)))
#else
#define EW_WEIGHTS
#endif
#ifdef EW_CODE_SECTION
#define EW_CODE __attribute__((section(EW_CODE_SECTION)))
#else
#define EW_CODE
#endif
#ifdef EW_ARENA_SECTION
#define EW_ARENA __attribute__((section(EW_ARENA_SECTION)))
#else
#define EW_ARENA
#endif

/* Before a declaration: at an address that is a multiple of n. */
#if defined(__GNUC__) || defined(__clang__)
#define EW_ALIGNED(n) __attribute__((aligned(n)))
#elif defined(__cplusplus)
#define EW_ALIGNED(n) alignas(n)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define EW_ALIGNED(n) _Alignas(n)
#else
#define EW_ALIGNED(n)
#endif

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

/* The part of the generated model's types that the stand-in model needs. */
#ifndef EW_TYPES_H
#define EW_TYPES_H

#include <stdint.h>

typedef enum { EW_OK = 0, EW_ERR_NULL, EW_ERR_ALIGNMENT } ew_status;

#ifndef EW_PROFILE_LAYER
#define EW_PROFILE_LAYER(index)
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of output tensors as numbers, without floating point. */
#ifndef EW_VALUE_H
#define EW_VALUE_H

#include "ew_harness.h"

/* The element at *bytes, dequantized, times 2^32, saturated to +-2^62; *bytes goes on to the next
 * one. */
int64_t ew_value_q32(const ew_output_info *info, const uint8_t **bytes);

#endif

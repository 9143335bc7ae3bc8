/* SPDX-License-Identifier: Apache-2.0 */
/* The image as it lies in flash. */
#include "ew_bare.h"
#include "ew_port.h"

bool ew_port_image(const void **image, uint32_t *size) {
    *image = ew_image_start;
    *size = (uint32_t)((uintptr_t)ew_image_end - (uintptr_t)ew_image_start);
    return true;
}

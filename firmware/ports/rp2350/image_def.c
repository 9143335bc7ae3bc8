/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot ROM looks for in the first 4 KiB of an image: the smallest block that says that
 * this is one, for the Arm cores of an RP2350, in secure state. RP2350 Datasheet, 5.9.5.1 "Minimum
 * Arm IMAGE_DEF" (page 427); without a further item the vector table is what the image begins with.
 */
#include <stdint.h>

extern const uint32_t ew_image_def[5];
const uint32_t ew_image_def[5] __attribute__((section(".image_def"), used)) = {
    0xFFFFDED3u, /* a block begins */
    0x10210142u, /* item IMAGE_TYPE of one word: executable, secure, Arm, RP2350 */
    0x000001FFu, /* last item: one word before it */
    0x00000000u, /* the next block is this one */
    0xAB123579u, /* it ends */
};

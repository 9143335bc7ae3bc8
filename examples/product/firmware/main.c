/* The product: reads a window, asks both models, says what it is. Here two windows stand in for a sensor. */
#include <stdint.h>
#include <stdio.h>

#include "signs.h"
#include "wave.h"

#define WINDOW 32

static wave_arena arena;
static signs_arena other_arena;

static const char *by_wave(const float *window) {
    int8_t input[WINDOW], speeds[WAVE_OUTPUT_ELEMENTS];
    for (int i = 0; i < WINDOW; i++)
        input[i] = wave_quantize_input(window[i]);
    return wave_invoke(input, speeds, &arena) == EW_OK ? wave_label(wave_best(speeds)) : "error";
}

static const char *by_signs(const float *window) {
    float speeds[SIGNS_OUTPUT_ELEMENTS];
    return signs_invoke(window, speeds, &other_arena) == EW_OK ? signs_label(signs_best(speeds)) : "error";
}

static void tell(int half_turn) {
    float window[WINDOW];
    for (int i = 0; i < WINDOW; i++)
        window[i] = i / half_turn % 2 ? -0.9F : 0.9F;
    printf("half a turn in %d samples: %s, by signs %s\n", half_turn, by_wave(window), by_signs(window));
}

int main(void) {
    tell(8);
    tell(3);
    return 0;
}

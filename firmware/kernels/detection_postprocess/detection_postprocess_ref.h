/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TFLite_Detection_PostProcess in portable C, its fast way to suppress what overlaps: boxes are
 * decoded, the best class of each box counts, and a box goes where a better one covers it.
 */
#ifndef EW_DETECTION_POSTPROCESS_REF_H
#define EW_DETECTION_POSTPROCESS_REF_H

#include <math.h>

#include "ew_kernel.h"

typedef struct {
    int32_t boxes;
    int32_t columns;    /* scores of a box, that of the background included */
    int32_t classes;    /* the last columns */
    int32_t per_box;    /* classes that are told of a box */
    int32_t detections; /* most boxes */
} ew_detection_postprocess_shape;

/* ymin, xmin, ymax, xmax */
typedef struct {
    float at[4];
} ew_detection_box;

/* Box and anchor are y, x, height, width; computed in double, as TensorFlow Lite Micro does. */
EW_INLINE ew_detection_box ew_detection_decode(const float *box, const float *anchor,
                                               const float *scales) {
    ew_detection_box found;
    for (int32_t i = 0; i < 2; i++) {
        const double size = (double)anchor[2 + i];
        const float center = (float)((double)box[i] / (double)scales[i] * size + (double)anchor[i]);
        const float half = (float)(0.5 * exp((double)box[2 + i] / (double)scales[2 + i]) * size);
        found.at[i] = center - half;
        found.at[2 + i] = center + half;
    }
    return found;
}

EW_INLINE float ew_detection_area(const ew_detection_box *box) {
    return (box->at[2] - box->at[0]) * (box->at[3] - box->at[1]);
}

/* What two boxes have in common of what they cover together. */
EW_INLINE float ew_detection_common(const ew_detection_box *a, const ew_detection_box *b) {
    const float first = ew_detection_area(a), second = ew_detection_area(b);
    if (first <= 0.0F || second <= 0.0F) {
        return 0.0F;
    }
    float sides[2];
    for (int32_t i = 0; i < 2; i++) {
        const float low = a->at[i] > b->at[i] ? a->at[i] : b->at[i];
        const float high = a->at[2 + i] < b->at[2 + i] ? a->at[2 + i] : b->at[2 + i];
        sides[i] = high - low > 0.0F ? high - low : 0.0F;
    }
    const float common = sides[0] * sides[1];
    return common / (first + second - common);
}

/* The class with the best score of those behind class `after`, -1 before the first: called again
 * and again it gives the classes in order, the first of equals first. 0 where scores are no
 * numbers. */
EW_INLINE int32_t ew_detection_next(const float *scores, int32_t count, int32_t after) {
    int32_t best = -1;
    for (int32_t c = 0; c < count; c++) {
        const int32_t is_later =
            after < 0 || scores[c] < scores[after] || (scores[c] == scores[after] && c > after);
        if (is_later && (best < 0 || scores[c] > scores[best])) {
            best = c;
        }
    }
    return best < 0 ? 0 : best;
}

/* The box with the best score that is open, the first of equals; -1 for none. */
EW_INLINE int32_t ew_detection_top(const float *best, const int8_t *open, int32_t boxes) {
    int32_t top = -1;
    for (int32_t b = 0; b < boxes; b++) {
        if (open[b] && (top < 0 || best[b] > best[top])) {
            top = b;
        }
    }
    return top;
}

/* encodings [boxes][4], predictions [boxes][columns], anchors [boxes][4]; scales of y, x, h, w.
 * Scratch: `decoded`, `best` and `open` [boxes]. Outputs behind the last detection are 0. They
 * overlap no input. */
EW_INLINE void ew_detection_postprocess_ref(const ew_detection_postprocess_shape *s,
                                            const float *encodings, const float *predictions,
                                            const float *anchors, float *boxes, float *classes,
                                            float *scores, float *count, ew_detection_box *decoded,
                                            float *best, int8_t *open, const float *scales,
                                            float score_threshold, float overlap_threshold) {
    const int32_t most = s->detections * s->per_box;
    const float *told = predictions + (s->columns - s->classes);
    memset(boxes, 0, (size_t)most * sizeof(ew_detection_box));
    memset(classes, 0, (size_t)most * sizeof(float));
    memset(scores, 0, (size_t)most * sizeof(float));
    for (int32_t b = 0; b < s->boxes; b++) {
        const float *row = told + b * s->columns;
        decoded[b] = ew_detection_decode(encodings + 4 * b, anchors + 4 * b, scales);
        best[b] = row[ew_detection_next(row, s->classes, -1)];
        open[b] = best[b] >= score_threshold;
    }
    int32_t taken = 0;
    for (; taken < s->detections; taken++) {
        const int32_t top = ew_detection_top(best, open, s->boxes);
        if (top < 0) {
            break;
        }
        const float *row = told + top * s->columns;
        int32_t number = -1;
        for (int32_t i = 0; i < s->per_box; i++) {
            const int32_t place = taken * s->per_box + i;
            number = ew_detection_next(row, s->classes, number);
            memcpy(boxes + 4 * place, decoded + top, sizeof(ew_detection_box));
            classes[place] = (float)number;
            scores[place] = row[number];
        }
        open[top] = 0;
        for (int32_t b = 0; b < s->boxes; b++) {
            if (open[b] && ew_detection_common(decoded + top, decoded + b) > overlap_threshold) {
                open[b] = 0;
            }
        }
    }
    *count = (float)taken;
}

#endif

/* Counting a chunk of numbers in one sweep.  What each function does, and the same in numpy, is in tally.py. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LEAF 128
#define LANES 8
#define SIGN 0x8000u
#define CELLS 0x10000u

typedef struct {
    double offsets, squares, low, high;
    int64_t other; /* values that no cell holds */
} Found;

typedef struct {
    double centre;
    int64_t *counts;
    Found *found;
} Sweep;

typedef struct {
    double offsets, squares;
} Sums;

static inline uint32_t slot_of(double offset) {
    float single = (float)offset + 0.0f; /* which makes -0.0, the same value in another cell, 0.0 */
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    return bits >> 16;
}

/* Up to LEAF values: eight sums side by side, added up as numpy does, so that both give the same bits. */
static Sums leaf(const double *values, int64_t size, Sweep *sweep) {
    double a[LANES] = {0}, b[LANES] = {0}, low[LANES], high[LANES];
    float single[LEAF];
    uint32_t bits[LEAF];
    int64_t i, j, whole = size < LANES ? 0 : size & ~(int64_t)(LANES - 1);
    Sums sums;
    for (j = 0; j < LANES; j++) {
        low[j] = sweep->found->low;
        high[j] = sweep->found->high;
    }
    for (i = 0; i < whole; i += LANES)
        for (j = 0; j < LANES; j++) {
            double value = values[i + j], offset = value - sweep->centre;
            single[i + j] = (float)offset + 0.0f;
            a[j] = i ? a[j] + offset : offset;
            b[j] = i ? b[j] + offset * offset : offset * offset;
            low[j] = value < low[j] ? value : low[j];
            high[j] = value > high[j] ? value : high[j];
        }
    sums.offsets = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
    sums.squares = ((b[0] + b[1]) + (b[2] + b[3])) + ((b[4] + b[5]) + (b[6] + b[7]));
    for (i = whole; i < size; i++) {
        double value = values[i], offset = value - sweep->centre;
        single[i] = (float)offset + 0.0f;
        sums.offsets += offset;
        sums.squares += offset * offset;
        low[0] = value < low[0] ? value : low[0];
        high[0] = value > high[0] ? value : high[0];
    }
    for (j = 0; j < LANES; j++) {
        sweep->found->low = low[j] < sweep->found->low ? low[j] : sweep->found->low;
        sweep->found->high = high[j] > sweep->found->high ? high[j] : sweep->found->high;
    }
    memcpy(bits, single, sizeof bits);
    for (i = 0; i < size; i++)
        sweep->counts[bits[i] >> 16]++;
    return sums;
}

static Sums swept(const double *values, int64_t size, Sweep *sweep) {
    int64_t half;
    Sums left, right;
    if (size <= LEAF)
        return leaf(values, size, sweep);
    half = size / 2;
    half -= half % 8;
    left = swept(values, half, sweep);
    right = swept(values + half, size - half, sweep);
    left.offsets += right.offsets;
    left.squares += right.squares;
    return left;
}

/* Counts of each cell, of 65,536 zeros; sums of offsets from the centre, and the range. */
void count(const double *values, int64_t size, double centre, int64_t *counts, Found *found) {
    Sweep sweep = {centre, counts, found};
    Sums sums;
    uint32_t slot;
    found->low = INFINITY;
    found->high = -INFINITY;
    found->other = 0;
    sums = swept(values, size, &sweep);
    found->offsets = sums.offsets;
    found->squares = sums.squares;
    for (slot = 0x7F80; slot < SIGN; slot++)
        found->other += counts[slot] + counts[slot | SIGN];
}

/* Copy the values whose bit is set; returns how many. */
int64_t present(const double *values, const uint8_t *bits, int64_t first, int64_t size, double *out) {
    int64_t i, kept = 0;
    for (i = 0; i < size; i++) {
        out[kept] = values[i];
        kept += (bits[(first + i) >> 3] >> ((first + i) & 7)) & 1;
    }
    return kept;
}

/* Of the cells to watch, of which some value is known or here: which value came first, and which hold another, too. */
void watch(const double *values, int64_t size, double centre, const uint8_t *watched, double *first, uint8_t *mixed) {
    int64_t i, unknown = 0;
    uint32_t slot;
    for (slot = 0; slot < CELLS; slot++)
        unknown += watched[slot] && isnan(first[slot]);
    for (i = 0; i < size && unknown; i++) {
        slot = slot_of(values[i] - centre);
        if (watched[slot] && isnan(first[slot])) {
            first[slot] = values[i];
            unknown--;
        }
    }
    for (i = 0; i < size; i++) { /* without a branch, which would be foretold wrong: what fits is noted further on */
        slot = slot_of(values[i] - centre);
        mixed[slot + CELLS * (uint32_t)(first[slot] == values[i])] = 1;
    }
}

/* Counting a chunk of numbers in one sweep.  What each function does, and the same in numpy, is in sweeps.py. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LEAF 128
#define LANES 8
#define SIGN 0x8000u
#define CELLS 0x10000u
#define GROUP 64

#if defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default"))) /* chosen when the library is loaded */
#else
#define WIDE
#endif

typedef struct {
    double offsets, squares, low, high;
    int64_t other; /* values that no cell holds */
} Found;

typedef struct {
    double centre;
    uint32_t *counts; /* two for each cell, in turn: to count in one that was just written would wait for it */
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
WIDE static Sums leaf(const double *values, int64_t size, Sweep *sweep) {
    double a[LANES] = {0}, b[LANES] = {0}, low[LANES], high[LANES], offset[LEAF];
    float single[LEAF];
    uint32_t bits[LEAF];
    int64_t i, j, whole = size < LANES ? 0 : size & ~(int64_t)(LANES - 1);
    Sums sums;
    for (j = 0; j < LANES; j++) {
        low[j] = sweep->found->low;
        high[j] = sweep->found->high;
    }
    for (i = 0; i < size; i++) {
        offset[i] = values[i] - sweep->centre;
        single[i] = (float)offset[i] + 0.0f;
    }
    for (i = 0; i < whole; i += LANES)
        for (j = 0; j < LANES; j++) {
            a[j] += offset[i + j];
            b[j] += offset[i + j] * offset[i + j];
            low[j] = values[i + j] < low[j] ? values[i + j] : low[j];
            high[j] = values[i + j] > high[j] ? values[i + j] : high[j];
        }
    sums.offsets = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
    sums.squares = ((b[0] + b[1]) + (b[2] + b[3])) + ((b[4] + b[5]) + (b[6] + b[7]));
    for (i = whole; i < size; i++) {
        sums.offsets += offset[i];
        sums.squares += offset[i] * offset[i];
        low[0] = values[i] < low[0] ? values[i] : low[0];
        high[0] = values[i] > high[0] ? values[i] : high[0];
    }
    for (j = 0; j < LANES; j++) {
        sweep->found->low = low[j] < sweep->found->low ? low[j] : sweep->found->low;
        sweep->found->high = high[j] > sweep->found->high ? high[j] : sweep->found->high;
    }
    memcpy(bits, single, sizeof bits);
    for (i = 0; i + 1 < size; i += 2) {
        sweep->counts[bits[i] >> 16]++;
        sweep->counts[CELLS + (bits[i + 1] >> 16)]++;
    }
    if (i < size)
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

/* Counts of each cell, in twice 65,536 zeros; sums of offsets from the centre, and the range. */
void count(const double *values, int64_t size, double centre, uint32_t *counts, Found *found) {
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
        found->other += (int64_t)counts[slot] + counts[slot | SIGN] + counts[slot | CELLS] + counts[slot | SIGN | CELLS];
}

/* Add the counts of a chunk, and leave zeros; lists the cells that were empty and hold more than `crowded` now. */
int64_t settle(uint32_t *counts, int64_t *into, int64_t crowded, int32_t *slots) {
    int64_t listed = 0;
    uint32_t group, slot, any;
    for (group = 0; group < CELLS; group += GROUP) {
        for (any = 0, slot = group; slot < group + GROUP; slot++)
            any |= counts[slot] | counts[slot + CELLS];
        if (!any)
            continue;
        for (slot = group; slot < group + GROUP; slot++) {
            int64_t here = (int64_t)counts[slot] + counts[slot + CELLS];
            if (here > crowded && !into[slot])
                slots[listed++] = (int32_t)slot;
            into[slot] += here;
        }
        memset(counts + group, 0, GROUP * sizeof *counts);
        memset(counts + CELLS + group, 0, GROUP * sizeof *counts);
    }
    return listed;
}

/* Count codes of a dictionary whose bit is set; without bits, all.  Returns how many are beyond it. */
int64_t codes(const int32_t *values, const uint8_t *bits, int64_t first, int64_t size, int64_t *counts, int64_t length) {
    int64_t i, beyond = 0;
    for (i = 0; i < size; i++)
        if (!bits || (bits[(first + i) >> 3] >> ((first + i) & 7)) & 1) {
            if (values[i] >= 0 && values[i] < length)
                counts[values[i]]++;
            else
                beyond++;
        }
    return beyond;
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

/* Say of each listed cell which value came first in it, where none is known, and whether it holds another, too. */
void watch(const double *values, int64_t size, double centre, const int32_t *slots, int64_t listed, double *known,
           uint8_t *mixed, double *first, uint8_t *fits) {
    int64_t i, unknown = 0;
    uint32_t slot;
    for (i = 0; i < listed; i++) { /* `first` is NaN, which no value equals, and stays so where nothing is asked */
        first[slots[i]] = isnan(known[i]) ? INFINITY : known[i];
        unknown += isnan(known[i]) != 0;
        fits[slots[i]] = fits[CELLS + slots[i]] = 0;
    }
    for (i = 0; i < size && unknown; i++) {
        slot = slot_of(values[i] - centre);
        if (first[slot] == INFINITY) {
            first[slot] = values[i];
            unknown--;
        }
    }
    for (i = 0; i < size; i++) { /* without a branch, which would be foretold wrong: what fits is noted further on */
        slot = slot_of(values[i] - centre);
        fits[slot + CELLS * (uint32_t)(first[slot] == values[i])] = 1;
    }
    for (i = 0; i < listed; i++) {
        known[i] = first[slots[i]];
        mixed[i] = fits[slots[i]];
        first[slots[i]] = NAN;
    }
}

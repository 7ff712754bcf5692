/* The kernels' declarations. SNNKernelList.h holds the one list; this header reads it once for the
 * target that implements the kernels (SNNK_SET is its instruction set, and each function's symbol
 * carries it), and otherwise to declare all three sets and a table of function pointers for each.
 *
 * Every kernel: pointers need the alignment of float only; input and output are the same array or
 * do not overlap; counts may be 0; no memory is taken, nothing is thrown; any thread. */
#pragma once

#include <stdint.h>

/* Rows that one chunk of a reduction over rows adds up in sequence; chunks are then added
 * pairwise. Part of the contract on the order of summation: changing it changes bits. */
#define SNNK_ROWS_PER_CHUNK 256
/* The same for the inner dimension of a matrix product: at most 16 chunks, none shorter than this
 * but the last. */
#define SNNK_PRODUCT_CHUNK 1024
#define SNNK_PRODUCT_CHUNKS 16
/* But a product with at most so many columns and at most so deep has chunks of four. */
#define SNNK_PRODUCT_SMALL 16
/* Numbers that one chunk of a sum of squares has; chunks are then added pairwise. */
#define SNNK_SQUARES_PER_CHUNK 16384

/* A product's own memory: rows of a packed panel, and rows of sums of chunks. */
#define SNNK_PRODUCT_PACKED_DEPTH 1024
#define SNNK_PRODUCT_DEEP_ROWS 96
/* Panels that are packed at once for a large a. */
#define SNNK_PRODUCT_GROUP 4

#pragma clang assume_nonnull begin

/* The constants of relu (see there): maximum, slope and threshold. */
typedef struct snnk_rectifier {
    float a, b, c;
} snnk_rectifier;

/* c = rectifier(a b + bias + addend), [m, n] = [m, k] [k, n]. Strides are in floats. (No two fields
 * that are used together are neighbours of one kind: read as a pair, they would wait for both of
 * the caller's stores.) */
typedef struct snnk_product {
    int64_t m, n, k;
    const float *a;
    int64_t aRowStride, aColumnStride;
    const float *b;
    int64_t bRowStride, bColumnStride;
    /* What pack_panels made of b, or NULL: b is then not read. */
    const float *_Nullable bPanels;
    float *c;
    /* [n], added to each row */
    const float *_Nullable bias;
    int64_t cRowStride;
    /* [m, n], rows as far apart as c's; c itself for a sum over several products */
    const float *_Nullable addend;
    /* 1: the rectifier comes last; 0: there is none. */
    int32_t rectifies;
    snnk_rectifier rectifier;
    /* snnk_product_workspace(k) floats, for this call alone */
    float *workspace;
} snnk_product;

/* Losses that are a sum over the last axis of a function of prediction p and target t, by formula;
 * a, b and c are its constants. */
#define SNNK_LOSS_HUBER 0 /* (p - t)^2 / 2 where |p - t| <= a, else a |p - t| - a^2 / 2 */
#define SNNK_LOSS_LOG_COSH 1 /* log cosh(p - t) */
#define SNNK_LOSS_PERCENTAGE 2 /* |p - t| / max(|t|, 1e-7) */
#define SNNK_LOSS_SQUARED_LOGARITHMIC 3 /* (log(max(p, 1e-7) + 1) - log(max(t, 1e-7) + 1))^2 */
#define SNNK_LOSS_HINGE 4 /* max(1 - t p, 0) */
#define SNNK_LOSS_SQUARED_HINGE 5 /* max(1 - t p, 0)^2 */
#define SNNK_LOSS_KL_DIVERGENCE 6 /* t log(t / p), both clipped to [1e-7, 1] */
#define SNNK_LOSS_POISSON 7 /* p - t log(p + 1e-7) */
/* (1 - q)^a (t b + (1 - t) c) times the binary crossentropy of p, q = t p + (1 - t) (1 - p) */
#define SNNK_LOSS_BINARY_FOCAL 8
/* -b (1 - p)^a t log p, p clipped to [1e-7, 1 - 1e-7] */
#define SNNK_LOSS_CATEGORICAL_FOCAL 9
#define SNNK_LOSS_FORMULAS 10

/* What a prediction becomes before it enters the formula. */
#define SNNK_LINK_NONE 0
#define SNNK_LINK_SHARE 1 /* its share of its row's sum */
#define SNNK_LINK_SOFTMAX 2
#define SNNK_LINK_SIGMOID 3

typedef struct snnk_loss {
    int32_t formula, link;
    /* The target is madd(target, targetScale, targetShift): label smoothing, and signs for labels. */
    float targetScale, targetShift;
    /* The row's value is this times its sum. */
    float factor;
    float a, b, c;
} snnk_loss;

/* What an optimizer's step works on: the weights, their gradient, the state (slots in Keras's order,
 * NULL where the optimizer does without), the rule's own constants (documented at each kernel), and
 * what comes before the step. */
typedef struct snnk_step {
    float *w;
    const float *g;
    float *_Nullable s0, *_Nullable s1, *_Nullable s2;
    float rate, a, b, c, d, e;
    float factor, bound, decay;
} snnk_step;

/* A window that is moved along an axis: place o covers the inputs o * stride - before + j *
 * dilation, j = 0 ..< kernel, of which those outside 0 ..< input count as 0. */
typedef struct snnk_window_axis {
    int64_t input, kernel, stride, dilation, before, output;
} snnk_window_axis;

/* The same along three axes of [depth, height, width, channels], where it covers `taken` channels
 * from the pointer that is given on. Places are numbered row-major, width innermost. */
typedef struct snnk_window {
    snnk_window_axis depth, height, width;
    int64_t channels, taken;
} snnk_window;

/* Winograd's tiles of four by four places, each of which reads six by six, over an image [height,
 * width, channels], of which `taken` channels from the pointer that is given on take part. Tiles are
 * numbered row-major, `across` in a row; the first one begins `top` rows above and `left` columns
 * before the image. `stride` floats lie between the 36 matrices [tiles, taken] of the other side. */
typedef struct snnk_tiles {
    int64_t height, width, channels, taken;
    int64_t across, top, left, stride;
} snnk_tiles;

/* A normalization of rows of `length` numbers: y = gamma r (x - mu) + beta, mu the row's mean where
 * `centers` is 1, else 0, and r = 1 / sqrt(sum (x - mu)^2 / divisor + epsilon), at most `most`. */
typedef struct snnk_normalization {
    int64_t length;
    /* [length] */
    const float *gamma, *beta;
    double divisor;
    float epsilon, most;
    int32_t centers;
} snnk_normalization;

/* Floats of packed panels that a product of depth k has at once. */
static inline int64_t snnk_product_packed(int64_t k) {
    return k <= SNNK_PRODUCT_PACKED_DEPTH / 2 ? 32 * k
                                              : 32 * SNNK_PRODUCT_GROUP * SNNK_PRODUCT_PACKED_DEPTH;
}

/* Floats that a product of depth k takes as workspace: packed panels, and rows of sums for narrow
 * products (and a square of them, turned) or for those of several chunks. */
static inline int64_t snnk_product_workspace(int64_t k) {
    int64_t rows = k <= SNNK_PRODUCT_CHUNK ? 16 : 5 * SNNK_PRODUCT_DEEP_ROWS;
    return snnk_product_packed(k) + 32 * (rows + 8);
}

#pragma clang assume_nonnull end

#define SNNK_TEXT_(x) #x
#define SNNK_TEXT(x) SNNK_TEXT_(x)

#ifdef SNNK_SET

#define SNNK_FUNCTION(result, name, parameters) \
    result snnk_##name parameters __asm__("snnk_" SNNK_TEXT(SNNK_SET) "_" #name);
#include "SNNKernelList.h"
#undef SNNK_FUNCTION

#else

#define SNNK_FUNCTION(result, name, parameters) \
    result snnk_base_##name parameters;         \
    result snnk_avx2_##name parameters;         \
    result snnk_avx512_##name parameters;
#include "SNNKernelList.h"
#undef SNNK_FUNCTION

typedef struct snnk_table {
#define SNNK_FUNCTION(result, name, parameters) result(*name) parameters;
#include "SNNKernelList.h"
#undef SNNK_FUNCTION
} snnk_table;

static inline snnk_table snnk_table_base(void) {
    snnk_table table;
#define SNNK_FUNCTION(result, name, parameters) table.name = snnk_base_##name;
#include "SNNKernelList.h"
#undef SNNK_FUNCTION
    return table;
}

static inline snnk_table snnk_table_avx2(void) {
    snnk_table table;
#define SNNK_FUNCTION(result, name, parameters) table.name = snnk_avx2_##name;
#include "SNNKernelList.h"
#undef SNNK_FUNCTION
    return table;
}

static inline snnk_table snnk_table_avx512(void) {
    snnk_table table;
#define SNNK_FUNCTION(result, name, parameters) table.name = snnk_avx512_##name;
#include "SNNKernelList.h"
#undef SNNK_FUNCTION
    return table;
}

#endif

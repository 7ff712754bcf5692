/* The vector operations that Swift does not lower to one instruction by itself. Each kernel is
 * written over sixteen lanes on every instruction set, so results do not depend on the set.
 *
 * snnv_madd is the one multiply-add of the library: fused where the set has it, a product and a
 * sum where not (the base set), in vectors and in scalars alike. */
#pragma once

#include <stdint.h>

#pragma STDC FP_CONTRACT OFF

typedef float snnv_float16 __attribute__((ext_vector_type(16)));
typedef int32_t snnv_int16 __attribute__((ext_vector_type(16)));
typedef uint32_t snnv_uint16 __attribute__((ext_vector_type(16)));
typedef uint64_t snnv_ulong16 __attribute__((ext_vector_type(16)));
typedef double snnv_double16 __attribute__((ext_vector_type(16)));

#define SNNV_INLINE static inline __attribute__((always_inline))

SNNV_INLINE snnv_float16 snnv_madd(snnv_float16 a, snnv_float16 b, snnv_float16 c) {
#ifdef __FMA__
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

SNNV_INLINE float snnv_madd_scalar(float a, float b, float c) {
#ifdef __FMA__
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

SNNV_INLINE snnv_float16 snnv_square_root(snnv_float16 x) { return __builtin_elementwise_sqrt(x); }
SNNV_INLINE snnv_float16 snnv_magnitude(snnv_float16 x) { return __builtin_elementwise_abs(x); }
SNNV_INLINE float snnv_square_root_scalar(float x) { return __builtin_sqrtf(x); }

/* a > b ? a : b in each lane: b where either is NaN. */
SNNV_INLINE snnv_float16 snnv_larger(snnv_float16 a, snnv_float16 b) { return a > b ? a : b; }

/* yes where the mask is -1, no where it is 0. (Swift's replacing(with:where:) is taken apart into
 * four lanes each on AVX-512.) */
SNNV_INLINE snnv_float16 snnv_select(snnv_int16 mask, snnv_float16 yes, snnv_float16 no) {
    return mask ? yes : no;
}

/* 1 when a lane of the mask is set. (Swift's `any` becomes a weak symbol that the sets share.) */
SNNV_INLINE int32_t snnv_any(snnv_int16 mask) { return __builtin_reduce_or(mask) != 0; }

/* x[0], x[stride], ... x[15 stride]. */
SNNV_INLINE snnv_float16 snnv_gather(const float *x, int64_t stride) {
    snnv_float16 lanes;
    for (int lane = 0; lane < 16; lane++) lanes[lane] = x[lane * stride];
    return lanes;
}

/* The first `count` of them, and `padding` in the other lanes. (Swift's own subscript by a lane
 * that is no constant checks it and traps.) */
SNNV_INLINE snnv_float16 snnv_gather_first(const float *x, int64_t stride, int64_t count,
                                           float padding) {
    snnv_float16 lanes = padding;
    for (int lane = 0; lane < 16; lane++)
        if (lane < count) lanes[lane] = x[lane * stride];
    return lanes;
}

SNNV_INLINE void snnv_store_first(snnv_float16 lanes, float *x, int64_t count) {
    for (int lane = 0; lane < 16; lane++)
        if (lane < count) x[lane] = lanes[lane];
}

/* One lane, 0 <= lane < 16, read and replaced, without the check. */
SNNV_INLINE float snnv_lane(snnv_float16 x, int64_t lane) { return x[lane]; }
SNNV_INLINE snnv_float16 snnv_with_lane(snnv_float16 x, int64_t lane, float value) {
    x[lane] = value;
    return x;
}
SNNV_INLINE snnv_int16 snnv_with_integer(snnv_int16 x, int64_t lane, int32_t value) {
    x[lane] = value;
    return x;
}

SNNV_INLINE snnv_double16 snnv_widen(snnv_float16 x) {
    return __builtin_convertvector(x, snnv_double16);
}
SNNV_INLINE snnv_float16 snnv_narrow(snnv_double16 x) {
    return __builtin_convertvector(x, snnv_float16);
}
/* The low 32 bits of each number. */
SNNV_INLINE snnv_uint16 snnv_low_words(snnv_double16 x) {
    return __builtin_convertvector((snnv_ulong16)x, snnv_uint16);
}

/* The upper words of the products a[i] * b. */
SNNV_INLINE snnv_uint16 snnv_product_high(snnv_uint16 a, uint32_t b) {
    return __builtin_convertvector((__builtin_convertvector(a, snnv_ulong16) * b) >> 32, snnv_uint16);
}
/* a0 b0 a1 b1 ... a7 b7, and a8 b8 ... a15 b15 */
SNNV_INLINE snnv_uint16 snnv_zip_low(snnv_uint16 a, snnv_uint16 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
SNNV_INLINE snnv_uint16 snnv_zip_high(snnv_uint16 a, snnv_uint16 b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
}

/* x cut to an integer, 0 <= x < 2^63: Swift's conversion checks and traps. */
SNNV_INLINE int64_t snnv_truncate_scalar(float x) { return (int64_t)x; }

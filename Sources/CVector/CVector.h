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

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

/* The vector operations that Swift does not lower to one instruction by itself. Each kernel is
 * written over sixteen lanes on every instruction set, so results do not depend on the set.
 *
 * snnv_madd is the one multiply-add of the library: fused where the set has it, a product and a
 * sum where not (the base set), in vectors and in scalars alike. */
#pragma once

#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

#pragma clang assume_nonnull begin

typedef float snnv_float16 __attribute__((ext_vector_type(16)));
typedef float snnv_float8 __attribute__((ext_vector_type(8)));
typedef int32_t snnv_int16 __attribute__((ext_vector_type(16)));
typedef uint32_t snnv_uint16 __attribute__((ext_vector_type(16)));
typedef uint64_t snnv_ulong16 __attribute__((ext_vector_type(16)));
typedef uint64_t snnv_ulong8 __attribute__((ext_vector_type(8)));
typedef double snnv_double16 __attribute__((ext_vector_type(16)));
typedef double snnv_double8 __attribute__((ext_vector_type(8)));
typedef double snnv_double4 __attribute__((ext_vector_type(4)));
typedef double snnv_double2 __attribute__((ext_vector_type(2)));
typedef float snnv_float4 __attribute__((ext_vector_type(4)));
typedef float snnv_float2 __attribute__((ext_vector_type(2)));

#define SNNV_INLINE static inline __attribute__((always_inline))

SNNV_INLINE snnv_float16 snnv_madd(snnv_float16 a, snnv_float16 b, snnv_float16 c) {
#ifdef __FMA__
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}
/* madd(a, b, -c), without the instruction that Swift's minus takes. */
SNNV_INLINE snnv_float16 snnv_msub(snnv_float16 a, snnv_float16 b, snnv_float16 c) {
#ifdef __FMA__
    return __builtin_elementwise_fma(a, b, -c);
#else
    return a * b - c;
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

/* x 2^n for an integer n, -252 <= n <= 252; a subnormal result is rounded once. */
SNNV_INLINE snnv_float16 snnv_scale(snnv_float16 x, snnv_float16 n) {
#ifdef __AVX512F__
    return __builtin_ia32_scalefps512_mask(x, n, x, (uint16_t)-1, 4);
#else
    /* By two powers, each of which is a normal number: the low bits of a sum with 1.5 2^23 hold the
     * integer that it rounds to, here the biased exponents. */
    const snnv_float16 one = 0x1.8p23f + 127, both = 0x1.8p23f + 254;
#ifdef __FMA__
    const snnv_float16 half = __builtin_elementwise_fma(n, (snnv_float16)0.5f, one);
#else
    const snnv_float16 half = n * 0.5f + one;
#endif
    const snnv_int16 rest = (snnv_int16)(n + both) - (snnv_int16)half;
    return x * (snnv_float16)((snnv_int16)half << 23) * (snnv_float16)(rest << 23);
#endif
}

/* a * b - c for a c near the product: with c = a * b what the product lost when it was rounded, with
 * a = c / b minus what a division did. Exact but where subnormal numbers come in. */
SNNV_INLINE snnv_float16 snnv_product_error(snnv_float16 a, snnv_float16 b, snnv_float16 c) {
#ifdef __FMA__
    return __builtin_elementwise_fma(a, b, -c);
#else
    /* Dekker 1971: products of halves of 12 bits are exact. */
    const snnv_float16 a0 = (snnv_float16)((snnv_int16)a & -4096), a1 = a - a0;
    const snnv_float16 b0 = (snnv_float16)((snnv_int16)b & -4096), b1 = b - b0;
    return ((a0 * b0 - c) + a0 * b1 + a1 * b0) + a1 * b1;
#endif
}

/* a > b ? a : b in each lane: b where either is NaN. */
SNNV_INLINE snnv_float16 snnv_larger(snnv_float16 a, snnv_float16 b) { return a > b ? a : b; }

/* yes where the mask is -1, no where it is 0. (Swift's replacing(with:where:) is taken apart into
 * four lanes each on AVX-512.) */
SNNV_INLINE snnv_float16 snnv_select(snnv_int16 mask, snnv_float16 yes, snnv_float16 no) {
    return mask ? yes : no;
}

/* 1 when a lane of the mask is set. (Swift's `any` becomes a weak symbol that the sets share.) */
SNNV_INLINE int32_t snnv_any(snnv_int16 mask) { return __builtin_reduce_or(mask) != 0; }

/* The first lane of the mask that is set, 16 when none is. */
SNNV_INLINE int32_t snnv_first_set(snnv_int16 mask) {
    const snnv_int16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return __builtin_reduce_min(mask ? lanes : (snnv_int16)(16));
}

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

/* x, of which the compiler then does not know how far it lies from other addresses. */
SNNV_INLINE const float *snnv_apart(const float *x) {
    __asm__("" : "+r"(x));
    return x;
}

/* The first `count` (0 to 16) numbers at x and `padding` in the other lanes, whose memory is not
 * touched; and their store. */
#if defined(__AVX512F__)
SNNV_INLINE __mmask16 snnv_first_lanes(int64_t count) { return (__mmask16)((1u << count) - 1); }
SNNV_INLINE snnv_float16 snnv_load_first(const float *x, int64_t count, float padding) {
    return (snnv_float16)_mm512_mask_loadu_ps(_mm512_set1_ps(padding), snnv_first_lanes(count), x);
}
SNNV_INLINE void snnv_store_first(snnv_float16 lanes, float *x, int64_t count) {
    _mm512_mask_storeu_ps(x, snnv_first_lanes(count), (__m512)lanes);
}
#elif defined(__AVX2__)
/* Eight lanes of the mask, for those numbered `first` and up. */
SNNV_INLINE __m256i snnv_first_lanes(int64_t count, int first) {
    return _mm256_cmpgt_epi32(
        _mm256_set1_epi32((int)count - first), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
SNNV_INLINE __m256 snnv_load_first_half(const float *x, __m256i mask, float padding) {
    return _mm256_blendv_ps(
        _mm256_set1_ps(padding), _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}
SNNV_INLINE snnv_float16 snnv_load_first(const float *x, int64_t count, float padding) {
    snnv_float8 low = (snnv_float8)snnv_load_first_half(x, snnv_first_lanes(count, 0), padding);
    snnv_float8 high = (snnv_float8)snnv_load_first_half(x + 8, snnv_first_lanes(count, 8), padding);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
SNNV_INLINE void snnv_store_first(snnv_float16 lanes, float *x, int64_t count) {
    snnv_float8 low = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7);
    snnv_float8 high = __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
    _mm256_maskstore_ps(x, snnv_first_lanes(count, 0), (__m256)low);
    _mm256_maskstore_ps(x + 8, snnv_first_lanes(count, 8), (__m256)high);
}
#else
/* By memory and not lane by lane: sixteen tests each would be a tenth of the base set. (Behind the
 * barrier no compiler takes the loops for calls of the C library.) */
SNNV_INLINE void snnv_copy_first(const float *x, float *y, int64_t count) {
#pragma clang loop unroll(disable) vectorize(disable)
    for (int64_t lane = 0; lane < count; lane++) {
        y[lane] = x[lane];
        __asm__("" ::: "memory");
    }
}
SNNV_INLINE snnv_float16 snnv_load_first(const float *x, int64_t count, float padding) {
    snnv_float16 lanes = padding;
    snnv_copy_first(x, (float *)&lanes, count);
    return lanes;
}
SNNV_INLINE void snnv_store_first(snnv_float16 lanes, float *x, int64_t count) {
    snnv_copy_first((const float *)&lanes, x, count);
}
#endif

/* y[r, c] = x[c, r] for sixteen rows and columns; strides in floats. Four columns at a time: rows r,
 * r + 4, r + 8 and r + 12 side by side, so that squares of four by four are turned within quarters
 * of a vector, which every set does in one instruction for all. */
#define SNNV_PAIRS(a, b, i, j)                                                                    \
    __builtin_shufflevector(a, b, i, i + 16, j, j + 16, i + 4, i + 20, j + 4, j + 20, i + 8,      \
                            i + 24, j + 8, j + 24, i + 12, i + 28, j + 12, j + 28)
#define SNNV_HALVES(a, b, i)                                                                      \
    __builtin_shufflevector(a, b, i, i + 1, i + 16, i + 17, i + 4, i + 5, i + 20, i + 21, i + 8,  \
                            i + 9, i + 24, i + 25, i + 12, i + 13, i + 28, i + 29)
SNNV_INLINE void snnv_transpose(const float *x, int64_t xStride, float *y, int64_t yStride) {
    for (int column = 0; column < 16; column += 4) {
        snnv_float16 rows[4], turned[4];
        for (int r = 0; r < 4; r++) {
            snnv_float4 quarters[4];
            for (int q = 0; q < 4; q++)
                __builtin_memcpy(&quarters[q], x + (4 * q + r) * xStride + column, 16);
            snnv_float8 low = __builtin_shufflevector(quarters[0], quarters[1], 0, 1, 2, 3, 4, 5, 6, 7);
            snnv_float8 high = __builtin_shufflevector(quarters[2], quarters[3], 0, 1, 2, 3, 4, 5, 6, 7);
            rows[r] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
                                              13, 14, 15);
        }
        snnv_float16 upper01 = SNNV_PAIRS(rows[0], rows[1], 0, 1);
        snnv_float16 upper23 = SNNV_PAIRS(rows[2], rows[3], 0, 1);
        snnv_float16 lower01 = SNNV_PAIRS(rows[0], rows[1], 2, 3);
        snnv_float16 lower23 = SNNV_PAIRS(rows[2], rows[3], 2, 3);
        turned[0] = SNNV_HALVES(upper01, upper23, 0);
        turned[1] = SNNV_HALVES(upper01, upper23, 2);
        turned[2] = SNNV_HALVES(lower01, lower23, 0);
        turned[3] = SNNV_HALVES(lower01, lower23, 2);
        for (int r = 0; r < 4; r++)
            __builtin_memcpy(y + (column + r) * yStride, &turned[r], sizeof turned[r]);
    }
}
#undef SNNV_PAIRS
#undef SNNV_HALVES

/* x, of which the compiler then does not know that it is constant: a loop of so many turns is not
 * unrolled. */
SNNV_INLINE int64_t snnv_unknown(int64_t x) {
    __asm__("" : "+r"(x));
    return x;
}

/* Room for six rows of six vectors from the first cache line on. (Swift does not import what is
 * aligned as vectors are.) */
typedef struct snnv_square {
    float numbers[16 * 37];
} snnv_square;

/* The lanes' sum, and the largest lane (a > b ? a : b at each step, so that NaN is passed over where
 * it comes first): lane i with i + 8, then i + 4, i + 2 and i + 1. */
#define SNNV_FOLD(name, combine)                                                                 \
    SNNV_INLINE float name(snnv_float16 x) {                                                     \
        snnv_float8 a8 = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7);                  \
        snnv_float8 b8 = __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);            \
        snnv_float8 c8 = combine(b8, a8);                                                        \
        snnv_float4 a4 = __builtin_shufflevector(c8, c8, 0, 1, 2, 3);                            \
        snnv_float4 b4 = __builtin_shufflevector(c8, c8, 4, 5, 6, 7);                            \
        snnv_float4 c4 = combine(b4, a4);                                                        \
        snnv_float2 a2 = __builtin_shufflevector(c4, c4, 0, 1);                                  \
        snnv_float2 b2 = __builtin_shufflevector(c4, c4, 2, 3);                                  \
        snnv_float2 c2 = combine(b2, a2);                                                        \
        return combine(c2[1], c2[0]);                                                            \
    }
#define SNNV_SUM_OF(b, a) ((a) + (b))
#define SNNV_LARGER_OF(b, a) ((b) > (a) ? (b) : (a))
SNNV_FOLD(snnv_fold_sum, SNNV_SUM_OF)
SNNV_FOLD(snnv_fold_largest, SNNV_LARGER_OF)
#undef SNNV_FOLD
#undef SNNV_SUM_OF
#undef SNNV_LARGER_OF

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
/* total + x^2 in each lane. The square of a float is exact in double: fused or not is the same. */
SNNV_INLINE snnv_double16 snnv_add_square(snnv_float16 x, snnv_double16 total) {
    snnv_double16 wide = __builtin_convertvector(x, snnv_double16);
#ifdef __FMA__
    return __builtin_elementwise_fma(wide, wide, total);
#else
    return wide * wide + total;
#endif
}
/* total + |x| in each lane. */
SNNV_INLINE snnv_double16 snnv_add_magnitude(snnv_float16 x, snnv_double16 total) {
    return __builtin_convertvector(__builtin_elementwise_abs(x), snnv_double16) + total;
}
/* total + x y in each lane, likewise. */
SNNV_INLINE snnv_double16 snnv_add_product(snnv_float16 x, snnv_float16 y, snnv_double16 total) {
    snnv_double16 wide = __builtin_convertvector(x, snnv_double16);
    snnv_double16 other = __builtin_convertvector(y, snnv_double16);
#ifdef __FMA__
    return __builtin_elementwise_fma(wide, other, total);
#else
    return wide * other + total;
#endif
}
/* The lanes' sum: lane i with i + 8, then i + 4, i + 2 and i + 1. */
SNNV_INLINE double snnv_fold_double(snnv_double16 x) {
    snnv_double8 eight = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                         __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    snnv_double4 four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                        __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    snnv_double2 two = __builtin_shufflevector(four, four, 0, 1) +
                       __builtin_shufflevector(four, four, 2, 3);
    return two[0] + two[1];
}
/* a * b + c in double, the multiply-add of the rest; and the sum of eight lanes: lane i with i + 4,
 * then i + 2 and i + 1. */
SNNV_INLINE snnv_double8 snnv_madd_double(snnv_double8 a, snnv_double8 b, snnv_double8 c) {
#ifdef __FMA__
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}
SNNV_INLINE double snnv_fold_double8(snnv_double8 x) {
    snnv_double4 four = __builtin_shufflevector(x, x, 0, 1, 2, 3) +
                        __builtin_shufflevector(x, x, 4, 5, 6, 7);
    snnv_double2 two = __builtin_shufflevector(four, four, 0, 1) +
                       __builtin_shufflevector(four, four, 2, 3);
    return two[0] + two[1];
}
/* The low 32 bits of each number. */
SNNV_INLINE snnv_uint16 snnv_low_words(snnv_double16 x) {
    return __builtin_convertvector((snnv_ulong16)x, snnv_uint16);
}

/* The product of each number's low word with b; the high words may hold anything. */
SNNV_INLINE snnv_ulong8 snnv_word_product(snnv_ulong8 a, uint32_t b) {
    return (a & 0xffffffff) * b;
}
/* The low words of a and b, a's below. */
SNNV_INLINE snnv_ulong8 snnv_join_words(snnv_ulong8 a, snnv_ulong8 b) {
    return (snnv_ulong8)__builtin_shufflevector((snnv_uint16)a, (snnv_uint16)b, 0, 16, 2, 18, 4, 20,
                                                6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
}
/* The words of a0 b0 a1 b1 a2 b2 a3 b3, and of a4 b4 ... a7 b7. */
SNNV_INLINE snnv_uint16 snnv_zip_low(snnv_ulong8 a, snnv_ulong8 b) {
    return (snnv_uint16)__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
SNNV_INLINE snnv_uint16 snnv_zip_high(snnv_ulong8 a, snnv_ulong8 b) {
    return (snnv_uint16)__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/* x cut to an integer, 0 <= x < 2^63: Swift's conversion checks and traps. */
SNNV_INLINE int64_t snnv_truncate_scalar(float x) { return (int64_t)x; }
/* a / b, 0 <= a and 0 < b, likewise. */
SNNV_INLINE int64_t snnv_quotient(int64_t a, int64_t b) { return a / b; }

#pragma clang assume_nonnull end

/* What the CPU and its operating system can run, and the floating-point control word. */
#pragma once

#include <cpuid.h>
#include <stdint.h>
#include <xmmintrin.h>

/* Whether the operating system saves these registers: bits 1 and 2 are xmm and ymm, 5 to 7 zmm. */
static inline uint64_t snnc_saved_registers(void) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 27))) return 0;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

/* AVX2 and FMA (with what -march=haswell lets the compiler use). */
static inline int32_t snnc_has_avx2(void) {
    uint32_t a, b, c, d;
    if ((snnc_saved_registers() & 0x6) != 0x6) return 0;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const uint32_t needed1 = (1u << 12) | (1u << 22) | (1u << 23) | (1u << 28) | (1u << 29);
    if ((c & needed1) != needed1) return 0; /* FMA, MOVBE, POPCNT, AVX, F16C */
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint32_t needed7 = (1u << 3) | (1u << 5) | (1u << 8);
    if ((b & needed7) != needed7) return 0; /* BMI1, AVX2, BMI2 */
    if (!__get_cpuid(0x80000001u, &a, &b, &c, &d)) return 0;
    return (c & (1u << 5)) != 0; /* LZCNT */
}

/* AVX-512 F, CD, BW, DQ and VL (-march=x86-64-v4). */
static inline int32_t snnc_has_avx512(void) {
    uint32_t a, b, c, d;
    if (!snnc_has_avx2() || (snnc_saved_registers() & 0xe6) != 0xe6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint32_t needed = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);
    return (b & needed) == needed;
}

/* Round to nearest, no traps, subnormals kept. */
#define SNNC_DEFAULT_CONTROL 0x1f80u
/* What happened so far: no part of the control, but in the same word. */
#define SNNC_STATUS_FLAGS 0x3fu

static inline uint32_t snnc_control_get(void) { return _mm_getcsr(); }
static inline void snnc_control_set(uint32_t control) { _mm_setcsr(control); }

/* Tells the CPU that the thread waits in a loop. */
static inline void snnc_pause(void) { _mm_pause(); }

/* What the machine can do at most: multiply-adds in registers, and bytes of memory of a given size
 * that are read, or read and written. Thread i runs on the i-th CPU that the process may use. */
#define _GNU_SOURCE

#include <pthread.h>
#include <sched.h>

#include "worker.h"

typedef float vector16 __attribute__((vector_size(64)));
typedef float vector8 __attribute__((vector_size(32)));

enum { MAX_THREADS = 64, ROUNDS = 1000000 };

static struct work {
    vector16 sink;
    float *memory;
    size_t vectors, passes;
    int cpu;
} work[MAX_THREADS];

static int threads;
static void *(*body)(void *);
static float *memory;

/* Chains of acc = acc * x + y that do not depend on each other: enough of them hide the latency of
 * both pipes, few enough stay in registers. acc goes to a fixed point: nothing overflows or
 * becomes subnormal. */
#define MULTIPLY_ADD_LOOP(vector, chains)                                         \
    vector x = (vector){0} + 0.5f, y = (vector){0} + 0.25f, sum = {0};            \
    vector acc[chains];                                                           \
    for (int i = 0; i < chains; i++) acc[i] = (vector){0} + 0.01f * (float)i;     \
    __asm__ volatile("" : "+v"(x), "+v"(y));                                      \
    for (int round = 0; round < ROUNDS; round++) {                                \
        _Pragma("GCC unroll 32") for (int i = 0; i < chains; i++)                 \
            acc[i] = acc[i] * x + y;                                              \
        /* Without this the compiler may compute the fixed point instead. */      \
        __asm__ volatile("" : "+v"(x));                                           \
    }                                                                             \
    for (int i = 0; i < chains; i++) sum += acc[i];

__attribute__((target("avx512f"), noinline)) static void *multiply_add_512(void *argument) {
    MULTIPLY_ADD_LOOP(vector16, 24)
    ((struct work *)argument)->sink = sum;
    return NULL;
}

__attribute__((target("avx2,fma"), noinline)) static void *multiply_add_256(void *argument) {
    MULTIPLY_ADD_LOOP(vector8, 12)
    memcpy(&((struct work *)argument)->sink, &sum, sizeof sum);
    return NULL;
}

__attribute__((target_clones("avx512f", "avx2", "default"), noinline))
static void read_once(const vector16 *memory, size_t vectors, vector16 *sink) {
    vector16 a = {0}, b = {0}, c = {0}, d = {0};
    for (size_t i = 0; i + 4 <= vectors; i += 4) {
        a += memory[i];
        b += memory[i + 1];
        c += memory[i + 2];
        d += memory[i + 3];
    }
    *sink = a + b + c + d;
}

__attribute__((target_clones("avx512f", "avx2", "default"), noinline))
static void update_once(vector16 *memory, size_t vectors) {
    for (size_t i = 0; i < vectors; i++) memory[i] = memory[i] * 0.5f + 0.25f;
}

static void *read_memory(void *argument) {
    struct work *mine = argument;
    for (size_t pass = 0; pass < mine->passes; pass++)
        read_once((const vector16 *)mine->memory, mine->vectors, &mine->sink);
    return NULL;
}

static void *update_memory(void *argument) {
    struct work *mine = argument;
    for (size_t pass = 0; pass < mine->passes; pass++)
        update_once((vector16 *)mine->memory, mine->vectors);
    return NULL;
}

/* Runs the body on its CPU; the CPUs that the process may use were found before. */
static void *pinned(void *argument) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(((struct work *)argument)->cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    return body(argument);
}

static void call(void) {
    pthread_t started[MAX_THREADS];
    if (threads == 1) {
        body(&work[0]);
        return;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&started[i], NULL, pinned, &work[i]) != 0) abort();
    for (int i = 0; i < threads; i++) pthread_join(started[i], NULL);
}

static int find_cpus(void) {
    cpu_set_t mine;
    int found = 0;
    sched_getaffinity(0, sizeof mine, &mine);
    for (int cpu = 0; cpu < CPU_SETSIZE && found < threads; cpu++)
        if (CPU_ISSET(cpu, &mine)) work[found++].cpu = cpu;
    return found == threads ? 0 : -1;
}

/* The least time of a call among many: others that run at the same time only add to it. */
static double least_seconds(void *(*candidate)(void *)) {
    double least = 1e9;
    body = candidate;
    for (int i = 0; i < 10; i++) {
        double one = timed(1);
        if (one < least) least = one;
    }
    return least;
}

/* The faster of the two vector lengths: some processors do 512 bits in two halves. */
static void prepare_multiply_adds(char *reply, size_t capacity) {
    double flops_512 = 2.0 * 16 * 24 * ROUNDS * threads;
    double flops_256 = 2.0 * 8 * 12 * ROUNDS * threads;
    double rate_256 = flops_256 / least_seconds(multiply_add_256);
    double rate_512 = __builtin_cpu_supports("avx512f")
        ? flops_512 / least_seconds(multiply_add_512) : 0;
    body = rate_512 > rate_256 ? multiply_add_512 : multiply_add_256;
    snprintf(reply, capacity, "amount=%.0f", rate_512 > rate_256 ? flops_512 : flops_256);
}

/* Each thread goes through its share of `bytes` again and again, for some milliseconds, so that
 * starting threads counts little. */
static void prepare_memory(size_t bytes, int writes, char *reply, size_t capacity) {
    size_t vectors = (bytes / sizeof(vector16) / (size_t)threads + 3) / 4 * 4;
    size_t passes = 1 + ((size_t)256 << 20) / bytes;
    memory = random_numbers(vectors * 16 * (size_t)threads);
    for (int i = 0; i < threads; i++) {
        work[i].memory = memory + (size_t)i * vectors * 16;
        work[i].vectors = vectors;
        work[i].passes = passes;
    }
    body = writes ? update_memory : read_memory;
    snprintf(reply, capacity, "amount=%.0f",
             (writes ? 2.0 : 1.0) * (double)(vectors * sizeof(vector16))
                 * (double)passes * threads);
}

static int prepare(char *reply, size_t capacity) {
    threads = (int)number("threads");
    if (threads < 1 || threads > MAX_THREADS || find_cpus() < 0) {
        snprintf(reply, capacity, "not so many CPUs");
        return -1;
    }
    if (strcmp(text("mode"), "flops") != 0)
        prepare_memory((size_t)number("bytes"), strcmp(text("mode"), "update") == 0, reply,
                       capacity);
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        prepare_multiply_adds(reply, capacity);
    else {
        snprintf(reply, capacity, "the processor has no fused multiply-add");
        return -1;
    }
    return 0;
}

static void release(void) {
    free(memory);
    memory = NULL;
}

int main(void) {
    return serve("gcc " __VERSION__);
}

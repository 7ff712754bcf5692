/* What the C programs of the benchmarks share: they speak lines on stdin and stdout, as README.md
 * describes, and time what they were asked to prepare.
 *
 * A program defines prepare(), call() and release(), and runs serve(). */
#ifndef SWIFTNN_BENCH_WORKER_H
#define SWIFTNN_BENCH_WORKER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Makes ready what call() does, after "key=value key=value ..." of a line. On success 0, and
 * `reply` may be given "key=value ..." of its own; else -1, and the reason in `reply`. */
static int prepare(char *reply, size_t capacity);

/* Once the work that is measured. */
static void call(void);

/* Gives back what prepare() took; also after a failed or missing one. */
static void release(void);

enum { MAX_WORDS = 32, MAX_SAMPLES = 1 << 16, LINE_CAPACITY = 1 << 14 };

static char line[LINE_CAPACITY];
static char *words[MAX_WORDS];
static int word_count;
static double samples[MAX_SAMPLES];

/* The value of a key of the line, or "" where it has none. */
static inline const char *text(const char *key) {
    size_t length = strlen(key);
    for (int i = 1; i < word_count; i++)
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=')
            return words[i] + length + 1;
    return "";
}

static inline int64_t number(const char *key) { return atoll(text(key)); }

static double seconds_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Numbers in -1 ..< 1, the same ones in every run. */
static inline float random_number(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(state >> 40) / (1 << 23) - 1.0);
}

static inline float *random_numbers(size_t count) {
    float *numbers = aligned_alloc(64, (count * sizeof *numbers + 63) / 64 * 64);
    if (numbers == NULL) abort();
    for (size_t i = 0; i < count; i++) numbers[i] = random_number();
    return numbers;
}

static int in_order(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Seconds of one of `count` calls. */
static double timed(int64_t count) {
    double start = seconds_now();
    for (int64_t i = 0; i < count; i++) call();
    return (seconds_now() - start) / (double)count;
}

/* Calls for about `seconds`, after calls that warm up, and tells the median time of one. Calls
 * shorter than a sample are timed several at a time, so that the clock costs nothing. */
static void measure(double seconds) {
    const double sample = 50e-6;
    double start = seconds_now(), one = timed(1);
    int64_t made = 0, count;
    int taken = 0;
    while (seconds_now() - start < 0.1 * seconds) one = timed(1);
    count = one < sample ? (int64_t)(sample / (one > 1e-9 ? one : 1e-9)) + 1 : 1;
    start = seconds_now();
    do {
        samples[taken++] = timed(count);
        made += count;
    } while (seconds_now() - start < seconds && taken < MAX_SAMPLES);
    qsort(samples, (size_t)taken, sizeof samples[0], in_order);
    printf("ok seconds=%.9g least=%.9g calls=%lld\n", samples[taken / 2], samples[0],
           (long long)made);
}

/* The most memory that the process ever had, from the system. */
static void peak(void) {
    FILE *file = fopen("/proc/self/status", "r");
    long long kibibytes = 0;
    char status[256];
    while (file != NULL && fgets(status, sizeof status, file) != NULL)
        if (sscanf(status, "VmHWM: %lld", &kibibytes) == 1) break;
    if (file != NULL) fclose(file);
    printf("ok bytes=%lld\n", kibibytes * 1024);
}

static void split_line(void) {
    word_count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && word_count < MAX_WORDS;
         word = strtok(NULL, " \n"))
        words[word_count++] = word;
}

/* Answers lines until there are no more. `version` is what the runner prints of this program. */
static int serve(const char *version) {
    char reply[4096];
    printf("ready %s\n", version);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        split_line();
        if (word_count == 0) continue;
        if (strcmp(words[0], "prepare") == 0) {
            release();
            reply[0] = '\0';
            printf("%s", prepare(reply, sizeof reply) == 0 ? "ok " : "error ");
            printf("%s\n", reply);
        } else if (strcmp(words[0], "measure") == 0) {
            measure(atof(text("seconds")));
        } else if (strcmp(words[0], "peak") == 0) {
            peak();
        } else {
            printf("error unknown request %s\n", words[0]);
        }
        fflush(stdout);
    }
    release();
    return 0;
}

#endif

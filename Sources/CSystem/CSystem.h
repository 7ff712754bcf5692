/* What the library uses of the C library; Swift's own import of it is missing in the Embedded build. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CSystemFiles.h"
#include "CSystemText.h"

/* Declared here because glibc shows it only with _GNU_SOURCE, which would make this module's view of
 * the headers differ from that of Swift's own Glibc module. */
extern double strtod_l(const char *text, char **end, locale_t locale);

/* The number that `text` begins with, correctly rounded and in the C locale. 0, or -1 when there
 * is no such locale. glibc hands out a static object for "C": nothing is allocated. */
static inline int snnsys_read_double(const char *text, double *out_value) {
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!locale) return -1;
    *out_value = strtod_l(text, NULL, locale);
    freelocale(locale);
    return 0;
}

/* Sleeps until another thread wakes `word`, a signal comes, or at once when it is not `expected`. */
static inline void snnsys_futex_wait(const void *word, uint32_t expected) {
    syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, expected, NULL, NULL, 0);
}

/* Wakes one thread that sleeps on `word`. */
static inline void snnsys_futex_wake(const void *word) {
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

/* How many CPUs the calling thread may run on; 1 when the system does not say. */
static inline int snnsys_affinity_count(void) {
    unsigned long mask[8192 / (8 * sizeof(unsigned long))];
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
    return count > 0 ? count : 1;
}

/* open() for reading, which Swift cannot call because it is variadic. */
static inline int snnsys_open_for_reading(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC);
}

extern int pthread_setname_np(pthread_t thread, const char *name);

/* Starts a detached thread with all signals blocked and a small stack; 0, or an error number. A
 * small stack fails where the host has much thread-local data: then the default size is tried. */
static inline int snnsys_start_thread(void *(*function)(void *), void *argument) {
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);
    if (error) return error;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    error = pthread_create(&thread, &attributes, function, argument);
    if (error == EINVAL) {
        pthread_attr_destroy(&attributes);
        error = pthread_attr_init(&attributes);
        if (!error) {
            pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
            error = pthread_create(&thread, &attributes, function, argument);
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

/* Nanoseconds of a clock that never goes back. */
static inline uint64_t snnsys_monotonic_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The text of the calling thread's last error; zeros at first. */
#define SNNSYS_ERROR_CAPACITY 2048
static inline char *snnsys_last_error(void) {
    static __thread char text[SNNSYS_ERROR_CAPACITY];
    return text;
}

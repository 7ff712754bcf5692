/* Loaded with LD_PRELOAD: makes the n-th file call of a program fail, or kills the program there.
 *
 *   FAULT_AT=n         which call, from 1; 0 only counts
 *   FAULT_KIND=...     eio, enospc: fails so; eintr: interrupted; short: transfers half;
 *                      kill, killafter: SIGKILL before or after the call
 *   FAULT_STICKY=1     every call from the n-th on
 *   FAULT_LOG=path     gets the names of the calls, one a line, when the program disarms
 *
 * Counts only between fault_arm(1) and fault_arm(0), which the program calls around what is
 * tested, and no descriptors below 3. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { COUNT, FAIL, SHORT, KILL, KILL_AFTER };

static atomic_int armed;
static atomic_long calls;
static long target;
static int sticky;
static int failure;
static enum kind kind;
static const char *names[4096];

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void configure(void) {
    const char *at = getenv("FAULT_AT"), *name = getenv("FAULT_KIND");
    target = at ? atol(at) : 0;
    sticky = getenv("FAULT_STICKY") != NULL;
    if (!name) name = "";
    kind = FAIL;
    if (!strcmp(name, "eio")) failure = EIO;
    else if (!strcmp(name, "enospc")) failure = ENOSPC;
    else if (!strcmp(name, "eintr")) failure = EINTR;
    else if (!strcmp(name, "short")) kind = SHORT;
    else if (!strcmp(name, "kill")) kind = KILL;
    else if (!strcmp(name, "killafter")) kind = KILL_AFTER;
    else kind = COUNT;
}

void fault_arm(int on);
void fault_arm(int on) {
    const char *path = getenv("FAULT_LOG");
    if (on) atomic_store(&calls, 0);
    atomic_store(&armed, on);
    if (on || !path) return;
    int log = NEXT(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (log < 0) abort();
    for (long index = 0; index < atomic_load(&calls) && index < 4096; index++) {
        char line[32];
        int length = snprintf(line, sizeof line, "%s\n", names[index]);
        if (NEXT(write)(log, line, (size_t)length) != length) abort();
    }
    NEXT(close)(log);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* What is to happen to this call: COUNT means nothing. */
static enum kind next_call(const char *name) {
    if (!atomic_load(&armed)) return COUNT;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number <= 4096) names[number - 1] = name;
    if (target == 0 || (sticky ? number < target : number != target)) return COUNT;
    if (kind == KILL) die();
    if (kind == FAIL) errno = failure;
    return kind;
}

static enum kind next_call_on(int descriptor, const char *name) {
    return descriptor < 3 ? COUNT : next_call(name);
}

#define CALL(decide, real)                       \
    enum kind fate = decide;                     \
    if (fate == FAIL) return -1;                 \
    __typeof__(real) result = real;              \
    int kept = errno;                            \
    if (fate == KILL_AFTER) die();               \
    errno = kept;                                \
    return result

#define HALF(count) (fate == SHORT && (count) > 1 ? (count) / 2 : (count))

ssize_t read(int f, void *b, size_t n) {
    CALL(next_call_on(f, __func__), NEXT(read)(f, b, HALF(n)));
}
ssize_t pread(int f, void *b, size_t n, off_t o) {
    CALL(next_call_on(f, __func__), NEXT(pread)(f, b, HALF(n), o));
}
ssize_t pread64(int f, void *b, size_t n, off64_t o) {
    CALL(next_call_on(f, __func__), NEXT(pread64)(f, b, HALF(n), o));
}
ssize_t write(int f, const void *b, size_t n) {
    CALL(next_call_on(f, __func__), NEXT(write)(f, b, HALF(n)));
}
ssize_t pwrite(int f, const void *b, size_t n, off_t o) {
    CALL(next_call_on(f, __func__), NEXT(pwrite)(f, b, HALF(n), o));
}
int fsync(int f) { CALL(next_call_on(f, __func__), NEXT(fsync)(f)); }
int fdatasync(int f) { CALL(next_call_on(f, __func__), NEXT(fdatasync)(f)); }
int ftruncate(int f, off_t n) { CALL(next_call_on(f, __func__), NEXT(ftruncate)(f, n)); }
int fchmod(int f, mode_t m) { CALL(next_call_on(f, __func__), NEXT(fchmod)(f, m)); }
DIR *fdopendir(int f) {
    enum kind fate = next_call_on(f, __func__);
    if (fate == FAIL) return NULL;
    DIR *result = NEXT(fdopendir)(f);
    if (fate == KILL_AFTER) die();
    return result;
}
int rename(const char *a, const char *b) { CALL(next_call(__func__), NEXT(rename)(a, b)); }
int renameat(int d, const char *a, int e, const char *b) {
    CALL(next_call(__func__), NEXT(renameat)(d, a, e, b));
}
int link(const char *a, const char *b) { CALL(next_call(__func__), NEXT(link)(a, b)); }
int linkat(int d, const char *a, int e, const char *b, int f) {
    CALL(next_call(__func__), NEXT(linkat)(d, a, e, b, f));
}
int unlink(const char *a) { CALL(next_call(__func__), NEXT(unlink)(a)); }
int unlinkat(int d, const char *a, int f) { CALL(next_call(__func__), NEXT(unlinkat)(d, a, f)); }

/* Returns its error instead of setting errno. */
int posix_fallocate(int f, off_t o, off_t n) {
    enum kind fate = next_call_on(f, __func__);
    if (fate == FAIL) return failure;
    int result = NEXT(posix_fallocate)(f, o, n);
    if (fate == KILL_AFTER) die();
    return result;
}

/* The descriptor is closed also when the call fails, as on Linux. */
int close(int f) {
    enum kind fate = next_call_on(f, __func__);
    int result = NEXT(close)(f);
    if (fate == KILL_AFTER) die();
    if (fate != FAIL) return result;
    errno = failure;
    return -1;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                  \
    int name(const char *path, int flags, ...) {    \
        va_list arguments;                          \
        va_start(arguments, flags);                 \
        mode_t mode = mode_of(flags, arguments);    \
        va_end(arguments);                          \
        CALL(next_call(__func__), NEXT(name)(path, flags, mode)); \
    }
#define OPENAT(name)                                          \
    int name(int directory, const char *path, int flags, ...) { \
        va_list arguments;                                    \
        va_start(arguments, flags);                           \
        mode_t mode = mode_of(flags, arguments);              \
        va_end(arguments);                                    \
        CALL(next_call(__func__), NEXT(name)(directory, path, flags, mode)); \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What the library uses of the C library; Swift's own import of it is missing in the Embedded build. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

/* errno is a macro. */
static inline int snnc_errno(void) { return errno; }

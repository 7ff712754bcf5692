/* What Swift cannot import of files: variadic functions, errno, directory entries. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static inline int snnsys_errno(void) { return errno; }
static inline void snnsys_set_errno(int number) { errno = number; }

static inline int snnsys_open(const char *path, int flags) { return open(path, flags); }
static inline int snnsys_openat(int directory, const char *name, int flags, mode_t mode) {
    return openat(directory, name, flags, mode);
}

static inline int snnsys_is_regular(mode_t mode) { return S_ISREG(mode); }
static inline int snnsys_is_folder(mode_t mode) { return S_ISDIR(mode); }
static inline int snnsys_is_link(mode_t mode) { return S_ISLNK(mode); }

/* "a directory", "a FIFO" ...: what a file is that is not a regular one. */
static inline const char *snnsys_file_kind(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
    if (S_ISSOCK(mode)) return "a socket";
    return "no regular file";
}

/* The next name in a directory; NULL after the last or on an error. */
static inline const char *snnsys_next_name(DIR *directory) {
    const struct dirent *entry = readdir(directory);
    return entry ? entry->d_name : NULL;
}

/* The text of an error number in English, static. glibc 2.32 and later, with which the text does
 * not depend on the host's locale. */
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 32)
extern const char *strerrordesc_np(int number);
extern const char *strerrorname_np(int number);
static inline const char *snnsys_error_text(int number) { return strerrordesc_np(number); }
static inline const char *snnsys_error_name(int number) { return strerrorname_np(number); }
#else
static inline const char *snnsys_error_text(int number) {
    return number == ENOSPC ? "No space left on device" : number == ENOENT
        ? "No such file or directory" : number == EACCES ? "Permission denied" : NULL;
}
static inline const char *snnsys_error_name(int number) { (void)number; return NULL; }
#endif

/* sgemm of a BLAS library that is loaded by its path, so that the one which is measured is the one
 * that is named, whatever the system's libblas.so is.
 *
 *   blas_worker PATH...       the first that exists */
#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>

#include "worker.h"

/* From the reference CBLAS; both libraries have these values. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };

typedef void (*sgemm_function)(int order, int a_form, int b_form, int m, int n, int k,
                               float alpha, const float *a, int lda, const float *b, int ldb,
                               float beta, float *c, int ldc);

static void *library;
static sgemm_function sgemm;
static float *a, *b, *c;
static int m, n, k;

/* Each library has a function of its own, with an integer of its own size. */
static int set_threads(int64_t count) {
    void (*openblas)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    void (*blis)(int64_t) = (void (*)(int64_t))dlsym(library, "bli_thread_set_num_threads");
    if (openblas != NULL) openblas((int)count);
    else if (blis != NULL) blis(count);
    else return -1;
    return 0;
}

static int prepare(char *reply, size_t capacity) {
    if (set_threads(number("threads")) < 0) {
        snprintf(reply, capacity, "no function that sets the number of threads");
        return -1;
    }
    m = (int)number("m");
    n = (int)number("n");
    k = (int)number("k");
    a = random_numbers((size_t)m * (size_t)k);
    b = random_numbers((size_t)k * (size_t)n);
    c = random_numbers((size_t)m * (size_t)n);
    return 0;
}

static void call(void) {
    sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c, n);
}

static void release(void) {
    free(a);
    free(b);
    free(c);
    a = b = c = NULL;
}

/* The version, and which processor's kernels the library has chosen. */
static const char *description(void) {
    static char described[512];
    const char *(*config)(void) = (const char *(*)(void))dlsym(library, "openblas_get_config");
    const char *(*version)(void) =
        (const char *(*)(void))dlsym(library, "bli_info_get_version_str");
    int (*arch)(void) = (int (*)(void))dlsym(library, "bli_arch_query_id");
    const char *(*arch_name)(int) = (const char *(*)(int))dlsym(library, "bli_arch_string");
    if (config != NULL) return config();
    if (version == NULL || arch == NULL || arch_name == NULL) return "unknown";
    snprintf(described, sizeof described, "%s, kernels %s", version(), arch_name(arch()));
    return described;
}

int main(int count, char **arguments) {
    for (int i = 1; i < count && library == NULL; i++)
        library = dlopen(arguments[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "not installed: %s\n", dlerror());
        return 1;
    }
    sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
    if (sgemm == NULL) {
        fprintf(stderr, "not a CBLAS: %s\n", dlerror());
        return 1;
    }
    /* BLIS knows its kernels only once it has worked. */
    float one = 1;
    sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, 1, 1, 1, 1, &one, 1, &one, 1, 0, &one, 1);
    return serve(description());
}

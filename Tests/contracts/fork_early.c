/* A host whose pthread_atfork handlers, registered before it loads the library, free models: they run
 * while the library's own hold its locks.
 *
 *     fork_early <libswiftnn.so> */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int (*create)(const char *options, void **out_model);
static int (*release)(void *model);
static void *models[2];
static int failures;

static void release_first(void) { failures += release(models[0]) != 0; }
static void release_second(void) { failures += release(models[1]) != 0; }

int main(int argc, char **argv) {
    int child, status, i;
    void *library;
    alarm(30);
    pthread_atfork(release_first, release_second, release_second);
    library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return 2;
    create = (int (*)(const char *, void **))dlsym(library, "snn_model_create");
    release = (int (*)(void *))dlsym(library, "snn_model_free");
    for (i = 0; i < 2; i++) failures += create(NULL, &models[i]) != 0;
    child = fork();
    if (child == 0) {
        alarm(10);
        failures += create(NULL, &models[0]) != 0 || release(models[0]) != 0;
        _exit(failures);
    }
    failures += waitpid(child, &status, 0) != child || status != 0;
    printf("%d\n", failures);
    return 0;
}

/* What loading and using the library changes in its host: nothing.
 *
 *     host <libswiftnn.so>
 *
 * Loads the library, builds, trains, predicts and saves a small model, unloads and loads it
 * twenty times, and compares the process before and after. Prints each difference; exits with 1
 * when there is one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xmmintrin.h>

#include "swiftnn.h"

extern char **environ;

enum { SIGNALS = 65 };

typedef struct {
    struct sigaction actions[SIGNALS];
    sigset_t mask;
    stack_t stack;
    int threads, files, rounding;
    unsigned control;
    mode_t umask;
    char folder[4096], locale[1024];
    unsigned long environment;
} host_state;

static int count_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;
    while (readdir(entries) != NULL) {
        count++;
    }
    closedir(entries);
    return count;
}

static void read_state(host_state *state)
{
    int number;
    char **variable, *byte;

    memset(state, 0, sizeof *state);
    for (number = 1; number < SIGNALS; number++) {
        sigaction(number, NULL, &state->actions[number]);
    }
    sigprocmask(SIG_BLOCK, NULL, &state->mask);
    sigaltstack(NULL, &state->stack);
    state->threads = count_entries("/proc/self/task");
    state->files = count_entries("/proc/self/fd");
    state->rounding = fegetround();
    state->control = _mm_getcsr() & ~0x3fu; /* without the sticky flags */
    state->umask = umask(0);
    umask(state->umask);
    if (getcwd(state->folder, sizeof state->folder) == NULL) {
        state->folder[0] = 0;
    }
    snprintf(state->locale, sizeof state->locale, "%s", setlocale(LC_ALL, NULL));
    for (variable = environ; *variable != NULL; variable++) {
        for (byte = *variable; *byte != 0; byte++) {
            state->environment = state->environment * 31 + (unsigned char)*byte;
        }
    }
}

static int differences, real_error;

static void compare(int same, const char *what)
{
    if (!same) {
        dprintf(real_error, "changed: %s\n", what);
        differences++;
    }
}

static void compare_states(const host_state *before, const host_state *after)
{
    int number;
    for (number = 1; number < SIGNALS; number++) {
        char what[64];
        snprintf(what, sizeof what, "disposition of signal %d", number);
        compare(before->actions[number].sa_handler == after->actions[number].sa_handler, what);
    }
    compare(memcmp(&before->mask, &after->mask, sizeof before->mask) == 0, "signal mask");
    compare(before->stack.ss_sp == after->stack.ss_sp
            && before->stack.ss_flags == after->stack.ss_flags, "signal stack");
    compare(before->threads == after->threads, "threads");
    compare(before->files == after->files, "open files");
    compare(before->rounding == after->rounding, "rounding");
    compare(before->control == after->control, "floating-point control");
    compare(before->umask == after->umask, "umask");
    compare(strcmp(before->folder, after->folder) == 0, "working directory");
    compare(strcmp(before->locale, after->locale) == 0, "locale");
    compare(before->environment == after->environment, "environment");
}

/* The functions come by name, as in a host that loads plug-ins. */
#define FIND(name) \
    snn_status (*name)() = (snn_status (*)())dlsym(library, "snn_" #name)
#define CALL(...)                                       \
    if ((__VA_ARGS__) != SNN_OK) {                      \
        compare(0, "nothing, but " #__VA_ARGS__ " failed"); \
        return;                                         \
    }

static void use(void *library)
{
    FIND(model_create); FIND(model_add_layer); FIND(model_save_memory); FIND(model_free);
    FIND(session_create); FIND(session_predict); FIND(session_free);
    FIND(trainer_create); FIND(trainer_train_on_batch); FIND(trainer_free);
    const char *(*last_error)(void) = (const char *(*)(void))dlsym(library, "snn_last_error");
    const int64_t shape[] = {2, 3}, label_shape[] = {2, 1};
    float x[] = {1, 2, 3, 4, 5, 6}, labels[] = {0, 1}, y[2];
    snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, shape, x};
    snn_array targets = {sizeof targets, SNN_FLOAT32, 2, label_shape, labels};
    snn_model *model;
    snn_session *session;
    snn_trainer *trainer;
    double values[4];
    int32_t tensor, count;
    int64_t length;

    CALL(model_create("{class_name: 'Sequential'}", &model))
    CALL(model_add_layer(model, "InputLayer", "{shape: [3]}", NULL, 0, &tensor))
    CALL(model_add_layer(model, "Dense", "{units: 1}", NULL, 0, &tensor))
    if (model_add_layer(model, "Nonsense", NULL, NULL, 0, &tensor) >= 0 || *last_error() == 0) {
        compare(0, "nothing, but an unknown layer was taken");
    }
    CALL(session_create(model, NULL, &session))
    CALL(session_predict(session, x, (int64_t)2, y, (int64_t)2))
    CALL(trainer_create(model, "{optimizer: 'sgd', loss: 'mean_squared_error'}", &trainer))
    CALL(trainer_train_on_batch(trainer, &inputs, 1, &targets, 1, NULL, values, 4, &count))
    CALL(model_save_memory(model, NULL, NULL, (int64_t)0, &length))
    CALL(trainer_free(trainer))
    CALL(session_free(session))
    CALL(model_free(model))
}

int main(int argc, char **argv)
{
    static host_state before, after;
    int said = memfd_create("said", MFD_CLOEXEC), round;
    void *library = NULL;

    setlocale(LC_ALL, "");
    real_error = dup(2);
    read_state(&before);
    dup2(said, 1);
    dup2(said, 2);
    for (round = 0; round < 20 && differences == 0; round++) {
        library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            dprintf(real_error, "%s\n", dlerror());
            return 2;
        }
        use(library);
        dlclose(library);
    }
    read_state(&after);
    fflush(NULL);
    compare(lseek(said, 0, SEEK_END) == 0, "standard output and error: something was printed");
    compare_states(&before, &after);
    return differences != 0;
}

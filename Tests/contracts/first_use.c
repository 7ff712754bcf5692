/* Forks while another thread uses the library for the first time, at every `stride`-th place at which
 * that takes memory, and has each child use everything that the thread does. Prints how many children
 * there were, and how many did not come through.
 *
 *     first_use STRIDE [everything|loop|itself]
 *
 * loop: the first thing that the pool's threads are needed for. itself: the thread forks, as a signal
 * handler that came there would, and its children only end. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "swiftnn.h"

extern void *__libc_malloc(size_t count);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t count);
extern void *__libc_memalign(size_t alignment, size_t count);

static __thread int stops;
static long stride = 1, place;
static int stopped, forking, finished, children, failed, forks_itself;

static int get(int *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static void put(int *word, int value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

static void pause_shortly(void) {
    const struct timespec pause = {0, 20000};
    nanosleep(&pause, NULL);
}

static void fork_here(void) {
    int status, child;
    alarm(10); /* one that waits for this thread waits for ever */
    stops = 0;
    child = fork();
    if (child == 0) _exit(0);
    children++;
    if (waitpid(child, &status, 0) != child || status != 0) failed++;
    stops = 1;
    alarm(0);
}

/* Stays here while there is a fork and its child; not long in the fork itself, which may have to wait
 * for this thread. */
static void note(void) {
    int waited = 0;
    if (!stops || ++place % stride != 0) return;
    if (forks_itself) return fork_here();
    put(&stopped, 1);
    while (get(&stopped) && waited < 50) {
        pause_shortly();
        waited += get(&forking);
    }
}

void *malloc(size_t count) {
    note();
    return __libc_malloc(count);
}

void *calloc(size_t count, size_t size) {
    note();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t count) {
    note();
    return __libc_realloc(memory, count);
}

void *aligned_alloc(size_t alignment, size_t count) {
    note();
    return __libc_memalign(alignment, count);
}

int posix_memalign(void **out, size_t alignment, size_t count) {
    void *memory;
    note();
    memory = __libc_memalign(alignment, count);
    if (memory == NULL) return ENOMEM;
    *out = memory;
    return 0;
}

static void check(snn_status status) {
    if (status >= 0) return;
    fprintf(stderr, "%s: %s\n", snn_status_name(status), snn_last_error());
    _exit(1);
}

static void add(snn_model *model, const char *name, const char *options) {
    int32_t tensor;
    check(snn_model_add_layer(model, name, options, NULL, 0, &tensor));
}

static void use_everything(void) {
    static const float x[32] = {1, 2, 3, 4, 5}, y[16] = {1};
    const int64_t x_shape[] = {8, 4}, y_shape[] = {8, 2};
    const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
    const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};
    const int64_t capacity = 1 << 18;
    char *text = __libc_malloc((size_t)capacity);
    void *file = __libc_malloc((size_t)capacity);
    float output[16];
    double values[4];
    snn_model *model, *loaded;
    snn_session *session;
    snn_dataset *dataset;
    snn_trainer *trainer;
    int64_t length;
    int32_t count;
    check(snn_model_create("{class_name: 'Sequential'}", &model));
    add(model, "InputLayer", "{shape: [4]}");
    add(model, "Dense", "{units: 3, activation: 'gelu', kernel_regularizer: 'l1l2',"
                        " kernel_constraint: 'max_norm', kernel_initializer: 'orthogonal'}");
    add(model, "BatchNormalization", NULL);
    add(model, "Dropout", "{rate: 0.5}");
    add(model, "Dense", "{units: 2, activation: 'softmax'}");
    check(snn_session_create(model, NULL, &session));
    check(snn_session_predict(session, x, 8, output, 16));
    check(snn_model_describe(model, text, capacity, &length));
    check(snn_model_to_json(model, text, capacity, &length));
    check(snn_build_info(text, capacity, &length));
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &dataset));
    check(snn_trainer_create(
        model, "{loss: 'categorical_crossentropy', optimizer: 'adamw', metrics: ['accuracy']}",
        &trainer));
    check(snn_trainer_fit(trainer, dataset, NULL, "{epochs: 2, batch_size: 3}", NULL));
    check(snn_trainer_evaluate(trainer, dataset, NULL, values, 4, &count));
    check(snn_trainer_save_memory(trainer, NULL, file, capacity, &length));
    check(snn_trainer_free(trainer));
    check(snn_trainer_load_memory(file, length, NULL, &loaded, &trainer));
    check(snn_trainer_fit(trainer, dataset, NULL, "{epochs: 3, resume: true, batch_size: 3}", NULL));
    check(snn_trainer_free(trainer));
    check(snn_dataset_free(dataset));
    check(snn_session_free(session));
    check(snn_model_free(loaded));
    check(snn_model_free(model));
    free(text);
    free(file);
}

static int count_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    int count = 0;
    while ((task = readdir(tasks)) != NULL) count += task->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static snn_session *wide;

static void make_wide(void) {
    snn_model *model;
    check(snn_model_create("{class_name: 'Sequential'}", &model));
    add(model, "InputLayer", "{shape: [256]}");
    add(model, "Dense", "{units: 1024}");
    check(snn_session_create(model, "{threads: 2, batch_capacity: 64}", &wide));
    check(snn_model_free(model));
}

/* Without the pool's thread it would be right as well, so that is counted. */
static void use_threads(void) {
    static float x[64 * 256], output[64 * 1024];
    int before = count_threads();
    check(snn_session_predict(wide, x, 64, output, 64 * 1024));
    if (before == 1 && count_threads() != 2) _exit(1);
}

static void (*use)(void) = use_everything;

static void *use_first(void *argument) {
    stops = 1;
    use();
    stops = 0;
    put(&finished, 1);
    return argument;
}

int main(int argc, char **argv) {
    pthread_t thread;
    int child, status;
    if (argc > 1) stride = atol(argv[1]);
    forks_itself = argc > 2 && strcmp(argv[2], "itself") == 0;
    if (argc > 2 && strcmp(argv[2], "loop") == 0) {
        use = use_threads;
        make_wide();
    }
    pthread_create(&thread, NULL, use_first, NULL);
    while (!get(&finished)) {
        if (!get(&stopped)) {
            pause_shortly();
            continue;
        }
        put(&forking, 1);
        child = fork();
        if (child == 0) {
            alarm(5);
            use();
            _exit(0);
        }
        put(&forking, 0);
        children++;
        if (waitpid(child, &status, 0) != child || status != 0) failed++;
        put(&stopped, 0);
        if (failed > 4) break;
    }
    if (failed <= 4) pthread_join(thread, NULL);
    fprintf(stderr, "%ld places\n", place);
    printf("%d %d\n", children, failed);
    fflush(stdout);
    _exit(0);
}

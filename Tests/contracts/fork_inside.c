/* Forks from inside of the library: in its callbacks and in signal handlers. Ends with 0 when the
 * parent and its children came through; else it says where one did not.
 *
 *     fork_inside predict|arrays|free|destroy|file PATH BATCH|alias|nested FORKS|files|sessions */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "swiftnn.h"

enum { ROWS = 8, INPUTS = 4, UNITS = 2 };

static snn_model *model;
static snn_session *session;
static snn_trainer *trainer;
static float x[ROWS * INPUTS], y[ROWS * UNITS];
static const int64_t x_shape[] = {ROWS, INPUTS}, y_shape[] = {ROWS, UNITS};
static const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
static const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};

static void require_at(int line, int holds) {
    if (holds) return;
    fprintf(stderr, "line %d: does not hold; %s\n", line, snn_last_error());
    _exit(1);
}

#define require(condition) require_at(__LINE__, condition)
#define check(call) require((call) >= 0)

static void add(const char *class_name, const char *options) {
    int32_t tensor;
    check(snn_model_add_layer(model, class_name, options, NULL, 0, &tensor));
}

static void make_model(const char *last) {
    check(snn_model_create("{class_name: 'Sequential', seed: 3}", &model));
    add("InputLayer", "{shape: [4]}");
    add("Dense", "{units: 2}");
    if (last != NULL) add(last, NULL);
}

static snn_status set(float value) {
    float kernel[INPUTS * UNITS];
    int i;
    for (i = 0; i < INPUTS * UNITS; i++) kernel[i] = value;
    return snn_model_set_variable(model, "dense/kernel", kernel, INPUTS * UNITS);
}

static void wait_for(pid_t child) {
    int status;
    require(waitpid(child, &status, 0) == child && status == 0);
}

/* ---- a layer of the host's that forks ---- */

static int forks, uses_arrays, frees;
static volatile int goes_on = 1, is_inside, destroyed;
static pid_t child;

static snn_status predict(float expected) {
    float output[ROWS * UNITS], *outputs[] = {output};
    const int64_t capacities[] = {ROWS * UNITS};
    snn_status status = uses_arrays
        ? snn_session_predict_arrays(session, &inputs, 1, outputs, capacities, 1)
        : snn_session_predict(session, x, ROWS, output, ROWS * UNITS);
    int i;
    for (i = 0; status == SNN_OK && i < ROWS * UNITS; i++) require(output[i] == expected);
    return status;
}

/* What the parent may not do inside its call, its child may not either. */
static void use_inside(void) {
    require(predict(0) == SNN_ERROR_BUSY);
    require(set(0) == SNN_ERROR_BUSY);
    if (!frees) return;
    check(snn_session_free(session));
    require(predict(0) == SNN_ERROR_HANDLE);
    check(snn_model_free(model));
}

static int32_t forward(const snn_layer_call *call, void *user) {
    int64_t i;
    (void)user;
    if (forks > 0) {
        forks--;
        child = fork();
        if (child == 0) {
            alarm(30);
            use_inside();
        }
    }
    for (i = 0; i < call->rows * UNITS; i++) call->output[i] = 2 * call->inputs[0][i];
    return 0;
}

static int32_t wait_inside(const snn_layer_call *call, void *user) {
    (void)call;
    (void)user;
    is_inside = 1;
    while (goes_on) usleep(1000);
    return 0;
}

static int32_t backward(const snn_layer_call *call, void *user) {
    (void)call;
    (void)user;
    return 0;
}

static int32_t create(const char *config, void **out_state, void *user) {
    (void)config;
    (void)user;
    *out_state = &forks;
    return 0;
}

static void destroy(void *state, void *user) {
    (void)state;
    (void)user;
    destroyed++;
}

static void register_layer(snn_layer_pass_callback pass) {
    const snn_layer_callbacks callbacks = {sizeof callbacks, pass, backward, NULL, create, destroy};
    check(snn_layer_register("Own", &callbacks, NULL));
}

static void require_nothing_left(void) {
    int64_t bytes, peak, count;
    check(snn_memory_get_usage(&bytes, &peak, &count));
    require(bytes == 0 && destroyed == 1);
}

/* A prediction whose layer forks goes on in the parent, in the child, and in the child's child. */
static void fork_in_prediction(void) {
    pid_t first;
    register_layer(forward);
    make_model("Own");
    check(snn_session_create(model, NULL, &session));
    check(set(1));
    check(predict(8));
    forks = 1;
    check(predict(8));
    first = child;
    if (!frees) {
        check(predict(8));
        check(set(2));
        if (first == 0) forks = 1;
        check(predict(16));
        check(set(3));
        check(predict(24));
    }
    if (!frees || first != 0) {
        check(snn_session_free(session));
        check(snn_model_free(model));
    }
    require_nothing_left();
    if (first != 0) wait_for(first);
    else if (child != 0 && !frees) wait_for(child);
}

static void *predict_once(void *argument) {
    float output[ROWS * UNITS];
    check(snn_session_predict(session, x, ROWS, output, ROWS * UNITS));
    return argument;
}

/* What a thread's call is the last to use ends in the child too, but not inside of fork(). */
static void fork_beside_freed(void) {
    pthread_t thread;
    register_layer(wait_inside);
    make_model("Own");
    check(snn_session_create(model, NULL, &session));
    check(snn_layer_register("Own", NULL, NULL));
    pthread_create(&thread, NULL, predict_once, NULL);
    while (!is_inside) usleep(100);
    check(snn_session_free(session));
    check(snn_model_free(model));
    child = fork();
    if (child == 0) {
        alarm(30);
        require(destroyed == 0);
        make_model(NULL);
        require(destroyed == 0);
        check(snn_model_free(model));
        require_nothing_left();
        exit(0);
    }
    wait_for(child);
    goes_on = 0;
    pthread_join(thread, NULL);
    require_nothing_left();
}

/* ---- a fit over a file ---- */

static int64_t batches, fork_batch;

static int32_t fork_at_batch(const snn_progress *progress, void *user) {
    (void)user;
    if (progress->batch != fork_batch || ++batches > 1) return 0;
    child = fork();
    if (child == 0) alarm(30);
    return 0;
}

/* Both sides learn the same: nothing depends on a thread that only the parent has. */
static void fork_in_file_fit(const char *path) {
    enum { WIDTH = 1024 };
    snn_fit_callbacks callbacks = {0};
    snn_dataset *data;
    float *kernel = malloc(WIDTH * sizeof *kernel);
    float *childs = mmap(NULL, WIDTH * sizeof *childs, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int64_t count;
    check(snn_model_create("{class_name: 'Sequential', seed: 3}", &model));
    add("InputLayer", "{shape: [1024]}");
    add("Dense", "{units: 1}");
    check(snn_dataset_open(path, "{block_rows: 1024}", &data));
    check(snn_trainer_create(
        model, "{loss: 'mse', optimizer: {class_name: 'SGD', config: {learning_rate: 0.001}}}",
        &trainer));
    callbacks.struct_size = sizeof callbacks;
    callbacks.on_batch_begin = fork_at_batch;
    check(snn_trainer_fit(trainer, data, NULL, "{epochs: 2, batch_size: 256}", &callbacks));
    check(snn_model_get_variable(model, "dense/kernel", child == 0 ? childs : kernel, WIDTH, &count));
    check(snn_trainer_free(trainer));
    check(snn_dataset_free(data));
    check(snn_model_free(model));
    destroyed = 1;
    require_nothing_left();
    if (child == 0) exit(0);
    wait_for(child);
    require(memcmp(kernel, childs, WIDTH * sizeof *kernel) == 0);
    free(kernel);
}

/* ---- a thread of a child with the name of the parent's thread that trains ---- */

static pthread_t training;

static int32_t wait_in_fit(const snn_progress *progress, void *user) {
    (void)progress;
    (void)user;
    is_inside = 1;
    while (goes_on) usleep(1000);
    return 1;
}

static void *train(void *argument) {
    snn_fit_callbacks callbacks = {0};
    snn_dataset *data;
    callbacks.struct_size = sizeof callbacks;
    callbacks.on_batch_end = wait_in_fit;
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &data));
    check(snn_trainer_fit(trainer, data, NULL, NULL, &callbacks));
    return argument;
}

static void require_all_busy(void) {
    double rate;
    int64_t count;
    require(snn_trainer_get_learning_rate(trainer, &rate) == SNN_ERROR_BUSY);
    require(snn_trainer_set_learning_rate(trainer, 0.5) == SNN_ERROR_BUSY);
    require(snn_model_get_variable(model, "dense/kernel", NULL, 0, &count) == SNN_ERROR_BUSY);
}

static void *fork_once_more(void *argument) {
    pid_t grandchild;
    require(pthread_equal(pthread_self(), training));
    require_all_busy();
    grandchild = fork();
    if (grandchild == 0) {
        require_all_busy();
        _exit(0);
    }
    wait_for(grandchild);
    return argument;
}

static void fork_beside_training(void) {
    make_model(NULL);
    check(snn_trainer_create(model, "{loss: 'mse'}", &trainer));
    pthread_create(&training, NULL, train, NULL);
    while (!is_inside) usleep(100);
    child = fork();
    if (child == 0) {
        pthread_t other;
        alarm(30);
        pthread_create(&other, NULL, fork_once_more, NULL);
        pthread_join(other, NULL);
        _exit(0);
    }
    wait_for(child);
    goes_on = 0;
    pthread_join(training, NULL);
}

/* ---- forks in each other ---- */

static void *evaluate(void *argument) {
    snn_fit_callbacks callbacks = {0};
    snn_dataset *data;
    double values[4];
    int32_t count;
    callbacks.struct_size = sizeof callbacks;
    callbacks.on_test_batch_end = wait_in_fit;
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &data));
    check(snn_trainer_evaluate_told(trainer, data, NULL, &callbacks, values, 4, &count));
    return argument;
}

/* A reader of the first process is none in the child of a child ... */
static void fork_in_each_other(int count) {
    pthread_t thread;
    char good = 0;
    int ends[2], i;
    make_model(NULL);
    check(snn_trainer_create(model, "{loss: 'mse'}", &trainer));
    pthread_create(&thread, NULL, evaluate, NULL);
    while (!is_inside) usleep(100);
    require(pipe(ends) == 0);
    for (i = 0; i < count; i++) {
        child = fork();
        require(child >= 0);
        if (child == 0) continue;
        if (i > 0) _exit(0);
        close(ends[1]);
        require(read(ends[0], &good, 1) == 1);
        goes_on = 0;
        pthread_join(thread, NULL);
        return;
    }
    check(set(1));
    require(write(ends[1], &good, 1) == 1);
    _exit(0);
}

/* ---- signals ---- */

static volatile int forked;

static void fork_in_handler(int number) {
    pid_t made = fork();
    (void)number;
    if (made == 0) _exit(0);
    if (waitpid(made, NULL, 0) == made) forked++;
}

/* The handler comes anywhere, also while this thread has a lock of the library's. */
static void fork_in_handlers(int files) {
    static char file[1 << 20];
    const struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    struct sigaction action = {0};
    int64_t length;
    make_model(NULL);
    check(snn_model_save_memory(model, NULL, file, sizeof file, &length));
    action.sa_handler = fork_in_handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    while (forked < 500) {
        if (files) {
            snn_model *loaded;
            check(snn_model_load_memory(file, length, NULL, &loaded));
            check(snn_model_free(loaded));
        } else {
            check(snn_session_create(model, NULL, &session));
            check(snn_session_free(session));
        }
    }
    setitimer(ITIMER_REAL, &never, NULL);
    check(snn_model_free(model));
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    int i;
    for (i = 0; i < ROWS * INPUTS; i++) x[i] = 1;
    uses_arrays = strcmp(mode, "arrays") == 0;
    frees = strcmp(mode, "free") == 0;
    if (strcmp(mode, "predict") == 0 || uses_arrays || frees) fork_in_prediction();
    else if (strcmp(mode, "destroy") == 0) fork_beside_freed();
    else if (strcmp(mode, "file") == 0 && argc > 3) {
        fork_batch = atol(argv[3]);
        fork_in_file_fit(argv[2]);
    } else if (strcmp(mode, "alias") == 0) fork_beside_training();
    else if (strcmp(mode, "nested") == 0 && argc > 2) fork_in_each_other(atoi(argv[2]));
    else if (strcmp(mode, "files") == 0) fork_in_handlers(1);
    else if (strcmp(mode, "sessions") == 0) fork_in_handlers(0);
    else return 2;
    return 0;
}

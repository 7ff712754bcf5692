/* Sessions that predict while others change their model. Each mode prints what test_exclusion.py
 * checks.
 *
 *     exclusion changes|turns|idle|frees|forks|saves|held|getters|many|called [rounds]
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "swiftnn.h"

enum { INPUTS = 4, UNITS = 48, SESSIONS = 3 };

static snn_model *model;
static snn_session *shared;
static const float input[INPUTS] = {1, 1, 1, 1};
static long rounds = 20000;
static volatile int goes_on = 1;

static void check(snn_status status) {
    if (status >= 0) return;
    fprintf(stderr, "%s: %s\n", snn_status_name(status), snn_last_error());
    exit(1);
}

static void make_model(void) {
    char units[40];
    int32_t tensor;
    snprintf(units, sizeof units, "{units: %d}", UNITS);
    check(snn_model_create("{class_name: 'Sequential'}", &model));
    check(snn_model_add_layer(model, "InputLayer", "{shape: [4]}", NULL, 0, &tensor));
    check(snn_model_add_layer(model, "Dense", units, NULL, 0, &tensor));
}

/* All weights become `value`; whether it was not refused. */
static int set(float value) {
    float kernel[INPUTS * UNITS];
    snn_status status;
    int i;
    for (i = 0; i < INPUTS * UNITS; i++) kernel[i] = value;
    status = snn_model_set_variable(model, "dense/kernel", kernel, INPUTS * UNITS);
    if (status == SNN_ERROR_BUSY) return 0;
    check(status);
    return 1;
}

/* 1: a prediction; 0: refused; it ends the process where the numbers are of two versions. */
static int predict(snn_session *session) {
    float output[UNITS];
    snn_status status = snn_session_predict(session, input, 1, output, UNITS);
    int i;
    if (status == SNN_ERROR_BUSY) return 0;
    check(status);
    for (i = 0; i < UNITS; i++) {
        if (output[i] == output[0] && (output[0] == 4 || output[0] == 8)) continue;
        fprintf(stderr, "a prediction saw %g and %g\n", (double)output[0], (double)output[i]);
        exit(1);
    }
    return 1;
}

static void *predict_without_end(void *argument) {
    long made = 0;
    snn_session *session = NULL;
    if (argument == NULL) check(snn_session_create(model, NULL, &session));
    while (goes_on) {
        /* So that a change gets through now and then. */
        const struct timespec pause = {0, 20000};
        made += predict(argument == NULL ? session : shared);
        if (made % 64 == 0) nanosleep(&pause, NULL);
    }
    check(snn_session_free(session));
    return (void *)made;
}

/* Sessions come and go; nobody uses them, so nobody may be refused for them. */
static void *create_and_free(void *argument) {
    long made = 0;
    (void)argument;
    while (goes_on) {
        snn_session *session;
        check(snn_session_create(model, NULL, &session));
        check(snn_session_free(session));
        made++;
    }
    return (void *)made;
}

/* Runs `body` on some threads while this one changes the model. */
static void change_beside(void *(*body)(void *), void *argument) {
    pthread_t threads[SESSIONS];
    long round, changes = 0, all = 1;
    void *made;
    int i;
    make_model();
    check(snn_session_create(model, NULL, &shared));
    if (!set(1)) exit(1);
    for (i = 0; i < SESSIONS; i++) pthread_create(&threads[i], NULL, body, argument);
    for (round = 0; round < rounds; round++) {
        const struct timespec pause = {0, 1000};
        changes += set(round % 2 == 0 ? 1 : 2);
        if (round % 16 == 0) nanosleep(&pause, NULL);
    }
    goes_on = 0;
    for (i = 0; i < SESSIONS; i++) {
        pthread_join(threads[i], &made);
        all &= made != NULL;
    }
    printf("%d %ld\n", changes > 0 && all, rounds - changes);
    /* Nothing is left behind. */
    if (!set(2) || !predict(shared)) exit(1);
    check(snn_session_free(shared));
    check(snn_model_free(model));
}

/* Children of a process that predicts change the model: what other threads of the parent were
 * doing is not in their way. */
static void change_in_children(void) {
    pthread_t threads[SESSIONS];
    int i, child, status, good = 0;
    make_model();
    if (!set(1)) exit(1);
    for (i = 0; i < SESSIONS; i++) pthread_create(&threads[i], NULL, predict_without_end, NULL);
    for (i = 0; i < rounds; i++) {
        child = fork();
        if (child == 0) {
            snn_session *session;
            alarm(10);
            if (!set(2)) _exit(1);
            check(snn_session_create(model, NULL, &session));
            if (!predict(session) || !set(1) || !predict(session)) _exit(1);
            check(snn_session_free(session));
            _exit(0);
        }
        good += waitpid(child, &status, 0) == child && status == 0;
    }
    goes_on = 0;
    for (i = 0; i < SESSIONS; i++) pthread_join(threads[i], NULL);
    printf("%d %ld\n", good == rounds, rounds - good);
    check(snn_model_free(model));
}

/* Forks `rounds` times; each child runs `body`, which returns 1 when all was well. */
static long fork_each(int (*body)(void)) {
    long good = 0;
    int i, child, status;
    for (i = 0; i < rounds; i++) {
        child = fork();
        if (child == 0) {
            alarm(10);
            /* Not _exit: what other threads left open is closed without them. */
            exit(!body());
        }
        good += waitpid(child, &status, 0) == child && status == 0;
    }
    return good;
}

static snn_trainer *trainer;

/* The model alone and with its trainer, by turns. */
static void *save_without_end(void *argument) {
    const int64_t capacity = 1 << 20;
    void *file = malloc((size_t)capacity);
    int64_t length;
    (void)argument;
    while (goes_on) {
        check(snn_model_save_memory(model, NULL, file, capacity, &length));
        check(snn_trainer_save_memory(trainer, NULL, file, capacity, &length));
    }
    free(file);
    return NULL;
}

/* What another thread was saving at the moment of the fork is all there. */
static int use_what_was_saved(void) {
    static char file[1 << 20];
    snn_session *session;
    int64_t length;
    double rate;
    if (snn_trainer_get_learning_rate(trainer, &rate) < 0) return 0;
    if (snn_trainer_set_learning_rate(trainer, 0.5) < 0) return 0;
    if (snn_session_create(model, NULL, &session) < 0 || !predict(session)) return 0;
    if (!set(2) || !predict(session)) return 0;
    if (snn_trainer_save_memory(trainer, NULL, file, sizeof file, &length) < 0) return 0;
    return snn_session_free(session) == SNN_OK && snn_trainer_free(trainer) == SNN_OK;
}

static void save_during_forks(void) {
    pthread_t thread;
    long good;
    make_model();
    if (!set(1)) exit(1);
    check(snn_trainer_create(model, "{loss: 'mse'}", &trainer));
    pthread_create(&thread, NULL, save_without_end, NULL);
    good = fork_each(use_what_was_saved);
    goes_on = 0;
    pthread_join(thread, NULL);
    printf("1 %ld\n", rounds - good);
    check(snn_trainer_free(trainer));
    check(snn_model_free(model));
}

static snn_session *held[SESSIONS];

/* Rows enough that a fork comes into the call, at places that differ from call to call. */
static void *predict_with_held(void *argument) {
    enum { ROWS = 64 };
    float inputs[2][ROWS * INPUTS], output[ROWS * UNITS];
    long made = 0;
    int i;
    for (i = 0; i < ROWS * INPUTS; i++) inputs[0][i] = inputs[1][i] = 1;
    for (; goes_on; made++)
        check(snn_session_predict(*(snn_session **)argument, inputs[made % 2], 1 + made % ROWS,
                                  output, ROWS * UNITS));
    return NULL;
}

/* A child uses the sessions that other threads were predicting with, and frees them. */
static int use_what_was_held(void) {
    int i;
    for (i = 0; i < SESSIONS; i++)
        if (!predict(held[i]) || !set(1 + (float)(i % 2)) || !predict(held[i])) return 0;
    for (i = 0; i < SESSIONS; i++) {
        if (snn_session_free(held[i]) != SNN_OK || !set(1)) return 0;
        if (snn_session_predict(held[i], input, 0, NULL, 0) != SNN_ERROR_HANDLE) return 0;
    }
    return snn_model_free(model) == SNN_OK;
}

static void fork_during_predictions(void) {
    pthread_t threads[SESSIONS];
    long good;
    int i;
    make_model();
    if (!set(1)) exit(1);
    for (i = 0; i < SESSIONS; i++) {
        check(snn_session_create(model, "{threads: 1}", &held[i]));
        pthread_create(&threads[i], NULL, predict_with_held, &held[i]);
    }
    good = fork_each(use_what_was_held);
    goes_on = 0;
    for (i = 0; i < SESSIONS; i++) pthread_join(threads[i], NULL);
    for (i = 0; i < SESSIONS; i++) check(snn_session_free(held[i]));
    printf("1 %ld\n", rounds - good);
    check(snn_model_free(model));
}

static long begun, ended, succeeded;

/* Gives how many getters were refused though no change ran. */
static void *read_without_end(void *argument) {
    long refused = 0;
    float kernel[INPUTS * UNITS];
    int64_t count;
    (void)argument;
    while (goes_on) {
        long before = __atomic_load_n(&succeeded, __ATOMIC_SEQ_CST), attempts;
        snn_status status =
            snn_model_get_variable(model, "dense/kernel", kernel, INPUTS * UNITS, &count);
        if (status != SNN_ERROR_BUSY) {
            check(status);
            continue;
        }
        /* Then one that had begun was let through. */
        attempts = __atomic_load_n(&begun, __ATOMIC_SEQ_CST);
        while (goes_on && __atomic_load_n(&ended, __ATOMIC_SEQ_CST) < attempts) continue;
        if (goes_on && __atomic_load_n(&succeeded, __ATOMIC_SEQ_CST) == before) refused++;
    }
    return (void *)refused;
}

/* Getters beside predictions and a thread that tries to change the model without end. */
static void read_beside_refused_changes(void) {
    pthread_t threads[SESSIONS], predicting[2];
    long round, refused = 0;
    void *made;
    int i;
    make_model();
    if (!set(1)) exit(1);
    for (i = 0; i < 2; i++) pthread_create(&predicting[i], NULL, predict_without_end, NULL);
    for (i = 0; i < SESSIONS; i++) pthread_create(&threads[i], NULL, read_without_end, NULL);
    for (round = 0; round < rounds; round++) {
        __atomic_fetch_add(&begun, 1, __ATOMIC_SEQ_CST);
        if (set(round % 2 == 0 ? 1 : 2)) __atomic_fetch_add(&succeeded, 1, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
    }
    goes_on = 0;
    for (i = 0; i < SESSIONS; i++) {
        pthread_join(threads[i], &made);
        refused += (long)made;
    }
    for (i = 0; i < 2; i++) pthread_join(predicting[i], NULL);
    printf("%d %ld\n", succeeded < rounds, refused);
    check(snn_model_free(model));
}

/* Frees `rounds` sessions of one model, the oldest first, and says how long each took. */
static void free_many(void) {
    snn_session **sessions = malloc((size_t)rounds * sizeof *sessions);
    struct timespec begin, end;
    long i;
    make_model();
    if (!set(1)) exit(1);
    for (i = 0; i < rounds; i++)
        check(snn_session_create(model, "{threads: 1, batch_capacity: 1}", &sessions[i]));
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (i = 0; i < rounds; i++) check(snn_session_free(sessions[i]));
    clock_gettime(CLOCK_MONOTONIC, &end);
    fprintf(stderr, "%ld sessions: %.3f us each\n", rounds,
            ((double)(end.tv_sec - begin.tv_sec) * 1e6 +
             (double)(end.tv_nsec - begin.tv_nsec) * 1e-3) /
                (double)rounds);
    if (!set(2)) exit(1);
    free(sessions);
    printf("1 0\n");
    check(snn_model_free(model));
}

static volatile int is_called;

static int32_t wait_in_callback(const snn_progress *progress, void *user) {
    const struct timespec pause = {0, 1000000};
    (void)progress;
    (void)user;
    is_called = 1;
    while (goes_on) nanosleep(&pause, NULL);
    return 1;
}

static void *train(void *argument) {
    static const float x[INPUTS] = {1, 1, 1, 1}, y[UNITS] = {1};
    const int64_t x_shape[] = {1, INPUTS}, y_shape[] = {1, UNITS};
    const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
    const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};
    snn_fit_callbacks callbacks = {0};
    snn_dataset *data;
    callbacks.struct_size = sizeof callbacks;
    callbacks.on_batch_end = wait_in_callback;
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &data));
    check(snn_trainer_fit(trainer, data, NULL, NULL, &callbacks));
    check(snn_dataset_free(data));
    return argument;
}

/* On a thread to which the C library gives the name of the one that trains in the parent. */
static void *read_what_is_trained(void *argument) {
    int64_t count;
    (void)argument;
    return (void *)(long)(snn_model_get_variable(model, "dense/kernel", NULL, 0, &count) ==
                          SNN_ERROR_BUSY);
}

static int read_on_another_thread(void) {
    pthread_t thread;
    void *is_busy;
    pthread_create(&thread, NULL, read_what_is_trained, NULL);
    pthread_join(thread, &is_busy);
    /* Busy, but it may be given back. */
    return is_busy != NULL && snn_trainer_free(trainer) == SNN_OK &&
           snn_model_free(model) == SNN_OK;
}

/* What another thread was training at the moment of the fork, and read in a callback. */
static void fork_during_training(void) {
    pthread_t thread;
    long good;
    make_model();
    check(snn_trainer_create(model, "{loss: 'mse'}", &trainer));
    pthread_create(&thread, NULL, train, NULL);
    while (!is_called) continue;
    good = fork_each(read_on_another_thread);
    goes_on = 0;
    pthread_join(thread, NULL);
    printf("1 %ld\n", rounds - good);
    check(snn_trainer_free(trainer));
    check(snn_model_free(model));
}

static snn_session *volatile passing;

static void *use_what_is_freed(void *argument) {
    long made = 0;
    (void)argument;
    while (goes_on) {
        float output[UNITS];
        snn_status status = snn_session_predict(passing, input, 1, output, UNITS);
        if (status == SNN_OK) made++;
        else if (status != SNN_ERROR_BUSY && status != SNN_ERROR_HANDLE) check(status);
    }
    return (void *)made;
}

/* Handles are freed while others predict with them. */
static void free_during_calls(void) {
    pthread_t threads[SESSIONS];
    long round, all = 1;
    void *made;
    int i;
    make_model();
    if (!set(1)) exit(1);
    check(snn_session_create(model, NULL, &shared));
    passing = shared;
    for (i = 0; i < SESSIONS; i++) pthread_create(&threads[i], NULL, use_what_is_freed, NULL);
    for (round = 0; round < rounds; round++) {
        snn_session *old = shared;
        const struct timespec pause = {0, 1000};
        check(snn_session_create(model, NULL, &shared));
        passing = shared;
        if (round % 16 == 0) nanosleep(&pause, NULL);
        check(snn_session_free(old));
        if (snn_session_free(old) != SNN_ERROR_HANDLE) exit(1);
    }
    goes_on = 0;
    for (i = 0; i < SESSIONS; i++) {
        pthread_join(threads[i], &made);
        all &= made != NULL;
    }
    printf("%d 0\n", (int)all);
    check(snn_session_free(shared));
    if (!set(2)) exit(1);
    check(snn_model_free(model));
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    static int one;
    if (argc > 2) rounds = atol(argv[2]);
    alarm(300); /* a deadlock ends here */
    if (strcmp(mode, "changes") == 0) change_beside(predict_without_end, NULL);
    else if (strcmp(mode, "turns") == 0) change_beside(predict_without_end, &one);
    else if (strcmp(mode, "idle") == 0) change_beside(create_and_free, NULL);
    else if (strcmp(mode, "frees") == 0) free_during_calls();
    else if (strcmp(mode, "forks") == 0) change_in_children();
    else if (strcmp(mode, "saves") == 0) save_during_forks();
    else if (strcmp(mode, "held") == 0) fork_during_predictions();
    else if (strcmp(mode, "getters") == 0) read_beside_refused_changes();
    else if (strcmp(mode, "many") == 0) free_many();
    else if (strcmp(mode, "called") == 0) fork_during_training();
    else return 2;
    return 0;
}

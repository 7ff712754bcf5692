/* Sessions that predict while others change their model. Each mode prints what test_exclusion.py
 * checks.
 *
 *     exclusion changes|turns|idle|frees|forks [rounds]
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
    else return 2;
    return 0;
}

/* Forks while other threads are inside the library, and uses the model in each child. Prints how
 * many children did not come through. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "swiftnn.h"

enum { CHILDREN = 60, THREADS = 3 };

static snn_model *model;
static volatile int goes_on = 1;

static void check(snn_status status) {
    if (status >= 0) return;
    fprintf(stderr, "%s: %s\n", snn_status_name(status), snn_last_error());
    exit(1);
}

/* Reads, describes and predicts without end. */
static void *use(void *argument) {
    const float input[4] = {1, 2, 3, 4};
    float output[2];
    int64_t number;
    snn_session *session;
    (void)argument;
    check(snn_session_create(model, NULL, &session));
    while (goes_on) {
        check(snn_model_get_variable_count(model, &number));
        check(snn_model_describe(model, NULL, 0, &number));
        check(snn_session_predict(session, input, 1, output, 2));
    }
    check(snn_session_free(session));
    return NULL;
}

/* What a child does: everything that the parent could. */
static void use_in_child(void) {
    const float kernel[8] = {0};
    const float input[4] = {1, 2, 3, 4};
    float output[2];
    snn_session *session;
    alarm(10);
    check(snn_model_set_variable(model, "dense/kernel", kernel, 8));
    check(snn_session_create(model, NULL, &session));
    check(snn_session_predict(session, input, 1, output, 2));
    if (output[0] != 0 || output[1] != 0) exit(1);
    check(snn_session_free(session));
    check(snn_model_free(model));
    _exit(0);
}

int main(void) {
    pthread_t threads[THREADS];
    int32_t tensor;
    int child, failed = 0, status, i;
    check(snn_model_create("{class_name: 'Sequential'}", &model));
    check(snn_model_add_layer(model, "InputLayer", "{shape: [4]}", NULL, 0, &tensor));
    check(snn_model_add_layer(model, "Dense", "{units: 2}", NULL, 0, &tensor));
    for (i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, use, NULL);
    for (i = 0; i < CHILDREN; i++) {
        child = fork();
        if (child == 0) use_in_child();
        if (waitpid(child, &status, 0) != child || status != 0) failed++;
    }
    goes_on = 0;
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    check(snn_model_free(model));
    printf("%d\n", failed);
    return 0;
}

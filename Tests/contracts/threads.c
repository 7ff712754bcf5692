/* What the library's threads do in a host. Each mode prints the facts that test_threads.py checks.
 *
 *     threads tiny|sessions|idle|hosts|fork
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "swiftnn.h"

enum { ROWS = 64, WIDTH = 256, HOSTS = 6, ROUNDS = 17, CHILDREN = 20 };

static float x[ROWS * WIDTH];

static void check(snn_status status)
{
    if (status >= 0) return;
    fprintf(stderr, "%s: %s\n", snn_status_name(status), snn_last_error());
    exit(1);
}

static void add(snn_model *model, const char *class_name, const char *option, int number)
{
    char text[80];
    int32_t tensor;
    snprintf(text, sizeof text, option, number);
    check(snn_model_add_layer(model, class_name, text, NULL, 0, &tensor));
}

/* Three layers of a width: with 4 too small to profit from threads, with WIDTH not. */
static snn_model *make_model(int width)
{
    snn_model *model;
    check(snn_model_create("{class_name: 'Sequential', seed: 2}", &model));
    add(model, "InputLayer", "{shape: [%d]}", width);
    add(model, "Dense", "{units: %d, activation: 'tanh'}", 4 * width);
    add(model, "Dense", "{units: %d, activation: 'relu'}", 4 * width);
    add(model, "Dense", "{units: %d}", width);
    return model;
}

/* Learns to give its input back, for one epoch. */
static void fit(snn_model *model, int width, int threads)
{
    const int64_t shape[] = {ROWS, width};
    const snn_array array = {sizeof array, SNN_FLOAT32, 2, shape, x};
    char options[100];
    snn_dataset *data;
    snn_trainer *trainer;
    snprintf(options, sizeof options,
             "{loss: 'mean_squared_error', optimizer: 'adam', threads: %d}", threads);
    check(snn_dataset_create(&array, 1, &array, 1, NULL, NULL, &data));
    check(snn_trainer_create(model, options, &trainer));
    check(snn_trainer_fit(trainer, data, data, "{epochs: 1, batch_size: 24}", NULL));
    check(snn_trainer_free(trainer));
    check(snn_dataset_free(data));
}

static void predict(snn_model *model, int width, int threads, float *out)
{
    char options[100];
    snn_session *session;
    snprintf(options, sizeof options, "{threads: %d, batch_capacity: %d}", threads, ROWS);
    check(snn_session_create(model, options, &session));
    check(snn_session_predict(session, x, ROWS, out, ROWS * width));
    check(snn_session_free(session));
}

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    int count = 0;
    while ((task = readdir(tasks)) != NULL) count += task->d_name[0] != '.';
    closedir(tasks);
    return count;
}

static void tiny(void)
{
    static float out[ROWS * 4];
    snn_model *model = make_model(4);
    fit(model, 4, 0);
    fit(model, 4, 4);
    predict(model, 4, 4, out);
    printf("%d\n", count_threads());
    check(snn_model_free(model));
}

static void sessions(void)
{
    static float out[4][ROWS * WIDTH];
    snn_model *model = make_model(WIDTH);
    int threads;
    for (threads = 1; threads <= 4; threads++) {
        predict(model, WIDTH, threads, out[threads - 1]);
        printf("%d %d\n", count_threads(),
               memcmp(out[0], out[threads - 1], sizeof out[0]) == 0);
    }
    check(snn_model_free(model));
}

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void idle(void)
{
    static float out[ROWS * WIDTH];
    snn_model *model = make_model(WIDTH);
    double before;
    fit(model, WIDTH, 3);
    predict(model, WIDTH, 3, out);
    before = cpu_seconds();
    usleep(500000);
    printf("%d %f\n", count_threads(), cpu_seconds() - before);
    check(snn_model_free(model));
}

static snn_model *shared;
static float expected[ROWS * WIDTH];

/* Predicts with the model of all and trains one of its own; gives back whether bits were wrong. */
static void *use(void *argument)
{
    float *out = malloc(sizeof expected);
    snn_model *own = make_model(WIDTH);
    int round, threads = 2 + (int)(size_t)argument % 3, wrong = 0;
    for (round = 0; round < ROUNDS; round++) {
        predict(shared, WIDTH, threads, out);
        wrong |= memcmp(out, expected, sizeof expected) != 0;
        if (round % 8 == 0) fit(own, WIDTH, threads);
    }
    check(snn_model_free(own));
    free(out);
    return (void *)(size_t)wrong;
}

static void hosts(void)
{
    pthread_t threads[HOSTS];
    void *wrong;
    size_t i;
    shared = make_model(WIDTH);
    predict(shared, WIDTH, 1, expected);
    for (i = 0; i < HOSTS; i++) pthread_create(&threads[i], NULL, use, (void *)i);
    for (i = 0; i < HOSTS; i++) {
        pthread_join(threads[i], &wrong);
        printf("%d\n", wrong == NULL);
    }
    check(snn_model_free(shared));
}

static volatile int goes_on = 1;

static void *predict_on(void *argument)
{
    static float out[ROWS * WIDTH];
    (void)argument;
    while (goes_on) predict(shared, WIDTH, 3, out);
    return NULL;
}

/* While another thread is in a loop of the pool, children have it to themselves. */
static void in_children(void)
{
    static float out[ROWS * WIDTH];
    pthread_t thread;
    int i, child, status, good = 0;
    shared = make_model(WIDTH);
    predict(shared, WIDTH, 3, expected);
    pthread_create(&thread, NULL, predict_on, NULL);
    for (i = 0; i < CHILDREN; i++) {
        usleep(1000);
        child = fork();
        if (child == 0) {
            alarm(20);
            predict(shared, WIDTH, 3, out);
            _exit(memcmp(out, expected, sizeof out) != 0 || count_threads() != 3);
        }
        good += waitpid(child, &status, 0) == child && status == 0;
    }
    goes_on = 0;
    pthread_join(thread, NULL);
    printf("%d\n", good == CHILDREN);
    check(snn_model_free(shared));
}

int main(int argc, char **argv)
{
    int i;
    const char *mode = argc == 2 ? argv[1] : "";
    for (i = 0; i < ROWS * WIDTH; i++) x[i] = (float)(i % 97) / 97 - 0.5f;
    alarm(120); /* a deadlock ends here */
    if (strcmp(mode, "tiny") == 0) tiny();
    else if (strcmp(mode, "sessions") == 0) sessions();
    else if (strcmp(mode, "idle") == 0) idle();
    else if (strcmp(mode, "hosts") == 0) hosts();
    else if (strcmp(mode, "fork") == 0) in_children();
    else return 2;
    return 0;
}

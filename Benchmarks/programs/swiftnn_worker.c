/* SwiftNN through its C interface: training steps and predictions on one batch. */
#define _POSIX_C_SOURCE 200809L

#include "swiftnn.h"

#include "worker.h"

enum { MAX_RANK = 8 };

static snn_model *model;
static snn_trainer *trainer;
static snn_session *session;
static float *input, *output;
static int32_t *labels;
static int64_t input_shape[MAX_RANK], label_shape[1], batch, output_count;
static snn_array inputs, targets;

static int failed(char *reply, size_t capacity) {
    snprintf(reply, capacity, "%s: %s", "swiftnn", snn_last_error());
    for (char *c = reply; *c != '\0'; c++)
        if (*c == '\n') *c = ' ';
    return -1;
}

static char *contents(const char *path) {
    FILE *file = fopen(path, "r");
    char *read = NULL;
    size_t capacity = 0;
    if (file == NULL) return NULL;
    if (getdelim(&read, &capacity, EOF, file) < 0) {
        free(read);
        read = NULL;
    }
    fclose(file);
    return read;
}

/* input_shape = [batch, the sizes of "shape=32,32,3"]; tells the number of elements. */
static int64_t read_shape(int32_t *rank) {
    const char *rest = text("shape");
    int64_t count = input_shape[0] = batch;
    for (*rank = 1; *rest != '\0' && *rank < MAX_RANK; (*rank)++) {
        char *end;
        input_shape[*rank] = strtoll(rest, &end, 10);
        count *= input_shape[*rank];
        rest = *end == ',' ? end + 1 : end;
    }
    return count;
}

static void make_batch(void) {
    int64_t classes = number("classes");
    int32_t rank;
    batch = number("batch");
    input = random_numbers((size_t)read_shape(&rank));
    labels = malloc((size_t)batch * sizeof *labels);
    for (int64_t i = 0; i < batch; i++) labels[i] = (int32_t)(i % classes);
    label_shape[0] = batch;
    output_count = batch * classes;
    output = random_numbers((size_t)output_count);
    inputs = (snn_array){sizeof inputs, SNN_FLOAT32, rank, input_shape, input};
    targets = (snn_array){sizeof targets, SNN_INT32, 1, label_shape, labels};
}

static snn_status step(void) {
    double values[4];
    int32_t count;
    return trainer != NULL
        ? snn_trainer_train_on_batch(trainer, &inputs, 1, &targets, 1, NULL, values, 4, &count)
        : snn_session_predict(session, input, batch, output, output_count);
}

static int prepare(char *reply, size_t capacity) {
    char *json = contents(text("model"));
    snn_status status;
    if (json == NULL) {
        snprintf(reply, capacity, "no file %s", text("model"));
        return -1;
    }
    status = snn_model_create_from_json(json, NULL, &model);
    free(json);
    if (status < 0) return failed(reply, capacity);
    make_batch();
    status = strcmp(text("mode"), "train") == 0
        ? snn_trainer_create(model, text("trainer"), &trainer)
        : snn_session_create(model, text("session"), &session);
    /* The first call's error is the row's reason; a later one ends the process. */
    if (status >= 0) status = step();
    return status < 0 ? failed(reply, capacity) : 0;
}

static void call(void) {
    if (step() < 0) {
        fprintf(stderr, "swiftnn_worker: %s\n", snn_last_error());
        exit(1);
    }
}

static void release(void) {
    if (snn_session_free(session) < 0 || snn_trainer_free(trainer) < 0
        || snn_model_free(model) < 0)
        exit(1);
    session = NULL;
    trainer = NULL;
    model = NULL;
    free(input);
    free(output);
    free(labels);
    input = output = NULL;
    labels = NULL;
}

int main(void) {
    return serve(snn_version());
}

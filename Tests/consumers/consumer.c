/* A C99 program that trains, predicts, saves and loads with the installed library: xor. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "swiftnn.h"

static void check(snn_status status)
{
    if (status != SNN_OK) {
        fprintf(stderr, "%s: %s\n", snn_status_name(status), snn_last_error());
        exit(1);
    }
}

static int32_t epochs_seen;

static int32_t count_epoch(const snn_progress *progress, void *user)
{
    (void)user;
    if (progress->struct_size < sizeof *progress || progress->value_count < 1) {
        return 1;
    }
    epochs_seen++;
    return 0;
}

int main(void)
{
    static const float x[] = {0, 0, 0, 1, 1, 0, 1, 1}, y[] = {0, 1, 1, 0};
    static const int64_t x_shape[] = {4, 2}, y_shape[] = {4, 1};
    const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
    const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};
    const snn_fit_callbacks callbacks = {sizeof callbacks, NULL, count_epoch, NULL,
                                         NULL, NULL, NULL, NULL, NULL};
    snn_model *model, *loaded;
    snn_trainer *trainer;
    snn_dataset *dataset;
    snn_session *session;
    float before[4], after[4];
    int32_t tensor, i;
    int64_t length;
    void *bytes;

    check(snn_model_create("{class_name: 'Sequential', seed: 1}", &model));
    check(snn_model_add_layer(model, "InputLayer", "{shape: [2]}", NULL, 0, &tensor));
    check(snn_model_add_layer(model, "Dense", "{units: 16, activation: 'tanh'}", NULL, 0,
                              &tensor));
    check(snn_model_add_layer(model, "Dense", "{units: 1, activation: 'sigmoid'}", NULL, 0,
                              &tensor));
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &dataset));
    check(snn_trainer_create(model,
                             "{optimizer: {class_name: 'Adam', config: {learning_rate: 0.1}},"
                             " loss: 'binary_crossentropy'}",
                             &trainer));
    check(snn_trainer_fit(trainer, dataset, NULL, "{epochs: 200, batch_size: 4}", &callbacks));
    check(snn_session_create(model, NULL, &session));
    check(snn_session_predict(session, x, 4, before, 4));
    check(snn_session_free(session));

    check(snn_model_save_memory(model, NULL, NULL, 0, &length));
    bytes = malloc((size_t)length);
    check(snn_model_save_memory(model, NULL, bytes, length, &length));
    check(snn_model_load_memory(bytes, length, NULL, &loaded));
    free(bytes);
    check(snn_session_create(loaded, NULL, &session));
    check(snn_session_predict(session, x, 4, after, 4));

    for (i = 0; i < 4; i++) {
        printf("%g xor %g -> %.3f\n", x[2 * i], x[2 * i + 1], after[i]);
        if (fabsf(after[i] - y[i]) > 0.5f || before[i] != after[i]) {
            return 1;
        }
    }
    check(snn_session_free(session));
    check(snn_trainer_free(trainer));
    check(snn_dataset_free(dataset));
    check(snn_model_free(loaded));
    check(snn_model_free(model));
    return epochs_seen == 200 ? 0 : 1;
}

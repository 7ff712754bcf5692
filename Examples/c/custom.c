/* A layer and a loss of your own: y = x * gain for each feature, and the mean of |y_pred - y_true|^3.
 * Gradients are checked before they are used; a file keeps the layer's class and options.
 *
 *     gcc custom.c $(pkg-config --cflags --libs swiftnn) -lm */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <swiftnn.h>

static void check(snn_status status) {
    if (status < 0) { fprintf(stderr, "%s\n", snn_last_error()); exit(1); }
}

static int32_t gain_build(const snn_layer_build *build, void *user) {
    (void)user;
    return snprintf(build->out_text, (size_t)build->capacity,
                    "{weights: [{name: 'gain', shape: [%lld], initializer: 'ones'}]}",
                    (long long)build->input_shapes[0][0]) < 0;
}

static int32_t gain_forward(const snn_layer_call *call, void *user) {
    int64_t i, features = call->input_shapes[0][0];
    (void)user;
    for (i = 0; i < call->rows * features; i++) {
        call->output[i] = call->inputs[0][i] * call->weights[0][i % features];
    }
    return 0;
}

static int32_t gain_backward(const snn_layer_call *call, void *user) {
    int64_t i, features = call->input_shapes[0][0];
    float *inputs = call->input_gradients[0], *gain = call->weight_gradients[0]; /* may be NULL */
    (void)user;
    for (i = 0; i < call->rows * features; i++) {
        if (inputs) inputs[i] = call->output_gradient[i] * call->weights[0][i % features];
        if (gain) gain[i % features] += call->output_gradient[i] * call->inputs[0][i];
    }
    return 0;
}

static int32_t cubes(const float *y_true, const float *y_pred, int64_t rows, int64_t width,
                     float *values, float *gradient, void *user) {
    int64_t row, i;
    (void)user;
    for (row = 0; row < rows; row++) {
        values[row] = 0;
        for (i = row * width; i < (row + 1) * width; i++) {
            float apart = y_pred[i] - y_true[i];
            values[row] += fabsf(apart * apart * apart) / (float)width;
            if (gradient) gradient[i] = 3 * apart * fabsf(apart) / (float)width;
        }
    }
    return 0;
}

int main(void) {
    static const snn_layer_callbacks gain = {sizeof gain, gain_forward, gain_backward, gain_build,
                                             NULL, NULL};
    enum { ROWS = 64 };
    float x[ROWS * 2], y[ROWS], found[2];
    const int64_t x_shape[] = {ROWS, 2}, y_shape[] = {ROWS, 1};
    const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
    const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};
    snn_model *model, *loaded;
    snn_trainer *trainer;
    snn_dataset *data;
    int64_t count;
    int32_t tensor, i;

    for (i = 0; i < ROWS; i++) {
        x[2 * i] = (float)(i % 8) / 8;
        x[2 * i + 1] = (float)(i / 8) / 8;
        y[i] = 3 * x[2 * i] - 2 * x[2 * i + 1];
    }
    check(snn_layer_register("Gain", &gain, NULL));
    check(snn_loss_register("cubes", cubes, NULL));
    check(snn_model_create("{class_name: 'Sequential', seed: 1}", &model));
    check(snn_model_add_layer(model, "InputLayer", "{shape: [2]}", NULL, 0, &tensor));
    check(snn_model_add_layer(model, "Gain", "{name: 'gain'}", NULL, 0, &tensor));
    check(snn_model_add_layer(model, "Dense", "{units: 1, kernel_initializer: 'ones', "
                              "trainable: false}", NULL, 0, &tensor));
    check(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &data));
    check(snn_trainer_create(model, "{loss: 'cubes', optimizer: 'adam'}", &trainer));
    check(snn_trainer_set_learning_rate(trainer, 0.05));
    check(snn_trainer_fit(trainer, data, NULL, "{epochs: 500}", NULL));
    check(snn_model_save(model, "gain.h5", NULL));
    check(snn_model_load("gain.h5", NULL, &loaded));
    check(snn_model_get_variable(loaded, "gain/gain", found, 2, &count));
    printf("y = %.2f a %+.2f b\n", found[0], found[1]);
    return 0;
}

/* Trains three models on made-up data and saves the whole state of each training, so that the
 * bytes can be compared between instruction sets, numbers of threads and machines. Prints the
 * instruction set and how many threads the process has had at the end.
 *
 *     train <folder for the files> <units of a layer>
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftnn.h"

enum { ROWS = 200, FEATURES = 50, CLASSES = 7, NONE = -1 };

/* All that need no options. */
static const char *const activations[] = {
    "celu", "cos", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6",
    "selu", "sigmoid", "silu", "sin", "soft_shrink", "softmax", "softplus", "softsign",
    "sparse_plus", "sparse_sigmoid", "sparsemax", "square", "squareplus", "tanh", "tanh_shrink",
};
enum { ACTIVATIONS = sizeof activations / sizeof activations[0] };

static float x[ROWS * FEATURES], y[ROWS * FEATURES];
static int32_t labels[ROWS];
static int units;

static void check(snn_status status, const char *what)
{
    if (status < 0) {
        fprintf(stderr, "%s: %s: %s\n", what, snn_status_name(status), snn_last_error());
        exit(1);
    }
}

/* The same numbers of -1 to 1 everywhere (Knuth's MMIX generator). */
static float number(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (float)((int32_t)(state >> 32) >> 8) * 0x1p-23f;
}

static void make_data(void)
{
    int i;
    for (i = 0; i < ROWS * FEATURES; i++) x[i] = number();
    for (i = 0; i < ROWS * FEATURES; i++) y[i] = 0.5f + 0.5f * number();
    for (i = 0; i < ROWS; i++) labels[i] = i % CLASSES;
}

static snn_model *new_model(void)
{
    snn_model *model;
    check(snn_model_create("{class_name: 'Functional', name: 'net', seed: 5}", &model), "model");
    return model;
}

/* One more layer, on one tensor or none; the options may hold %d, the units, and %s, a name. */
static int32_t layer(snn_model *model, const char *class_name, const char *options, int count,
                     const char *name, int32_t input)
{
    char text[200];
    int32_t output;
    snprintf(text, sizeof text, options, count, name);
    check(snn_model_add_layer(model, class_name, text, &input, input == NONE ? 0 : 1, &output),
          text);
    return output;
}

static int32_t dense(snn_model *model, int count, const char *activation, int32_t input)
{
    return layer(model, "Dense", "{units: %d, activation: '%s'}", count, activation, input);
}

/* Every activation beside each other, normalized, then what a classifier has. */
static snn_model *make_classifier(void)
{
    snn_model *model = new_model();
    int32_t input = layer(model, "InputLayer", "{shape: [%d]}", FEATURES, "", NONE), t;
    int32_t branches[ACTIVATIONS];
    int i;
    for (i = 0; i < ACTIVATIONS; i++) branches[i] = dense(model, units, activations[i], input);
    check(snn_model_add_layer(model, "Concatenate", NULL, branches, ACTIVATIONS, &t), "branches");
    t = layer(model, "BatchNormalization", "{}", 0, "", t);
    t = dense(model, 8 * units, "relu", t);
    t = layer(model, "Dropout", "{rate: 0.3}", 0, "", t);
    dense(model, CLASSES, "softmax", t);
    return model;
}

/* x + f(x), in the range of probabilities. */
static snn_model *make_residual(const char *last)
{
    snn_model *model = new_model();
    int32_t pair[2], t;
    pair[0] = layer(model, "InputLayer", "{shape: [%d]}", FEATURES, "", NONE);
    t = layer(model, "BatchNormalization", "{momentum: 0.8, center: false}", 0, "", pair[0]);
    t = dense(model, 10 * units + 3, "gelu", t);
    t = layer(model, "Dropout", "{rate: 0.11}", 0, "", t);
    t = dense(model, 8 * units + 1, "tanh", t);
    pair[1] = dense(model, FEATURES, "linear", t);
    check(snn_model_add_layer(model, "Add", NULL, pair, 2, &t), "Add");
    dense(model, FEATURES, last, t);
    return model;
}

/* Trains for three epochs whose last batch is short, and saves. */
static void train(const char *folder, const char *name, snn_model *model, int is_classifier,
                  int batch_size, const char *options)
{
    const int64_t x_shape[] = {ROWS, FEATURES}, label_shape[] = {ROWS};
    const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
    const snn_array values = {sizeof values, SNN_FLOAT32, 2, x_shape, y};
    const snn_array classes = {sizeof classes, SNN_INT32, 1, label_shape, labels};
    snn_dataset *data;
    snn_trainer *trainer;
    char text[4096];
    check(snn_dataset_create(&inputs, 1, is_classifier ? &classes : &values, 1, NULL, NULL, &data),
          "dataset");
    check(snn_trainer_create(model, options, &trainer), options);
    snprintf(text, sizeof text, "{epochs: 3, batch_size: %d}", batch_size);
    check(snn_trainer_fit(trainer, data, data, text, NULL), name);
    snprintf(text, sizeof text, "%s/%s.h5", folder, name);
    check(snn_trainer_save(trainer, text, NULL), text);
    check(snn_trainer_free(trainer), name);
    check(snn_dataset_free(data), name);
    check(snn_model_free(model), name);
}

static int thread_count(void)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;
    int count = 0;
    while ((task = readdir(tasks)) != NULL) count += task->d_name[0] != '.';
    closedir(tasks);
    return count;
}

int main(int argc, char **argv)
{
    char info[1000];
    int64_t length;
    if (argc != 3) return 2;
    units = atoi(argv[2]);
    make_data();
    train(argv[1], "classifier", make_classifier(), 1, 90,
          "{loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], optimizer: "
          "{class_name: 'SGD', config: {learning_rate: 0.003, momentum: 0.9, nesterov: true}}}");
    train(argv[1], "regressor", make_residual("softplus"), 0, 64,
          "{loss: 'mean_squared_error', optimizer: {class_name: 'Adam', config: {amsgrad: true}}}");
    train(argv[1], "probabilities", make_residual("sigmoid"), 0, 33,
          "{loss: 'binary_crossentropy', optimizer: 'adam'}");
    check(snn_build_info(info, sizeof info, &length), "info");
    printf("%s\n%d\n", info, thread_count());
    return 0;
}

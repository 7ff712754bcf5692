/* Counts what the library takes of memory in a steady state: steps of a fit, steps on single
 * batches, predictions. Prints "<what> <number>" a line each. The program's own allocator
 * functions stand before the C library's.
 *
 *   allocations FOLDER_OF_DIGITS THREADS */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftnn.h"

extern void *__libc_malloc(size_t count);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t count);
extern void *__libc_memalign(size_t alignment, size_t count);

static long counted;
static int counts;

static void note(void) {
    if (counts) __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED);
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
    exit(1);
}

static void begin(void) {
    counted = 0;
    counts = 1;
}

static void end(const char *what) {
    counts = 0;
    printf("%s %ld\n", what, counted);
}

/* From the third batch of the second epoch to its fortieth. */
static int32_t on_batch_end(const snn_progress *progress, void *user) {
    (void)user;
    if (progress->epoch != 1) return 0;
    if (progress->batch == 2) begin();
    if (progress->batch == 40) end("fit");
    return 0;
}

static int32_t layer(snn_model *model, const char *name, const char *options, int32_t input) {
    int32_t output;
    check(snn_model_add_layer(model, name, options, &input, 1, &output));
    return output;
}

/* Layers that move, repeat and merge: [8, 8] to [8, 8]. */
static int32_t add_shapes(snn_model *model, int32_t x) {
    int32_t pair[2];
    x = layer(model, "Normalization", "{axis: 1}", x);
    x = layer(model, "Reshape", "{target_shape: [2, 8, 4]}", x);
    x = layer(model, "ZeroPadding2D", "{data_format: 'channels_first'}", x);
    x = layer(model, "PReLU", "{shared_axes: [1, 3]}", x);
    x = layer(model, "Cropping2D", "{cropping: 1, data_format: 'channels_first'}", x);
    x = layer(model, "UpSampling2D", "{interpolation: 'bilinear'}", x);
    x = layer(model, "Rescaling", "{scale: [1, 2, 3, 4]}", x);
    pair[0] = layer(model, "Permute", "{dims: [2, 1, 3]}", x);
    pair[0] = layer(model, "Reshape", "{target_shape: [32, 8]}", pair[0]);
    pair[1] = layer(model, "Cropping1D", "{cropping: [31, 0]}", pair[0]);
    check(snn_model_add_layer(model, "Multiply", NULL, pair, 2, &pair[1]));
    check(snn_model_add_layer(model, "Maximum", NULL, pair, 2, &pair[1]));
    check(snn_model_add_layer(model, "Dot", "{axes: 1, normalize: true}", pair, 2, &x));
    return x;
}

static snn_model *make_model(void) {
    snn_model *model;
    int32_t x, branches[2];
    check(snn_model_create("{seed: 1}", &model));
    check(snn_model_add_layer(model, "InputLayer", "{shape: [8, 8]}", NULL, 0, &x));
    x = layer(model, "Flatten", NULL, add_shapes(model, x));
    x = layer(model, "Dense", "{units: 256}", x);
    x = layer(model, "BatchNormalization", "{momentum: 0.9}", x);
    x = layer(model, "ReLU", NULL, x);
    branches[0] = x;
    branches[1] = layer(model, "Dense", "{units: 256, activation: 'gelu'}", x);
    check(snn_model_add_layer(model, "Add", NULL, branches, 2, &branches[0]));
    check(snn_model_add_layer(model, "Concatenate", NULL, branches, 2, &x));
    x = layer(model, "Dropout", "{rate: 0.3}", x);
    x = layer(model, "Dense",
              "{units: 64, kernel_regularizer: 'l1_l2', activity_regularizer: 'l2',"
              " kernel_constraint: 'max_norm', bias_constraint: 'non_neg'}", x);
    x = layer(model, "GaussianNoise", "{stddev: 0.1}", x);
    x = layer(model, "GaussianDropout", "{rate: 0.1}", x);
    x = layer(model, "AlphaDropout", "{rate: 0.1, noise_shape: [null, 1]}", x);
    x = layer(model, "Dense", "{units: 10, activation: 'softmax'}", x);
    return model;
}

int main(int count, char **arguments) {
    static float input[64 * 64], output[64 * 10];
    static int32_t labels[32];
    static uint8_t pixels[32 * 64];
    const int64_t input_shape[3] = {32, 8, 8}, label_shape[1] = {32};
    snn_array inputs = {sizeof inputs, SNN_FLOAT32, 3, NULL, NULL};
    snn_array targets = {sizeof targets, SNN_INT32, 1, NULL, NULL};
    float *outputs[1] = {output};
    const int64_t capacities[1] = {64 * 10};
    double values[2];
    int32_t value_count, i;
    char path[4096], options[256];
    snn_model *model = make_model();
    snn_trainer *trainer;
    snn_dataset *dataset;
    snn_session *session;
    snn_fit_callbacks callbacks = {.struct_size = sizeof callbacks, .on_batch_end = on_batch_end};
    if (count != 3) return 2;
    snprintf(options, sizeof options,
             "{loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], threads: %s}",
             arguments[2]);
    check(snn_trainer_create(model, options, &trainer));
    snprintf(path, sizeof path, "%s/digits.h5", arguments[1]);
    check(snn_dataset_open(path, "{inputs: ['x_train'], targets: ['y_train'], scale: 0.0625}",
                           &dataset));
    check(snn_trainer_fit(
        trainer, dataset, NULL,
        "{epochs: 2, batch_size: 32, max_milliseconds: 1e9, class_weight: {'3': 2}, callbacks: ["
        "{class_name: 'EarlyStopping', config: {monitor: 'loss'}}, 'TerminateOnNaN',"
        "{class_name: 'ModelCheckpoint', config: {filepath: 'never.h5', save_freq: 1000000}}]}",
        &callbacks));

    inputs.shape = input_shape;
    inputs.data = input;
    targets.shape = label_shape;
    targets.data = labels;
    for (i = 0; i < 12; i++) {
        if (i == 2) begin();
        check(snn_trainer_train_on_batch(trainer, &inputs, 1, &targets, 1, NULL, values, 2,
                                         &value_count));
    }
    end("train_on_batch");

    snprintf(options, sizeof options, "{threads: %s}", arguments[2]);
    check(snn_session_create(model, options, &session));
    for (i = 0; i < 12; i++) {
        if (i == 2) begin();
        check(snn_session_predict(session, input, 64, output, 64 * 10));
    }
    end("predict");
    inputs.dtype = SNN_UINT8;
    inputs.data = pixels;
    for (i = 0; i < 12; i++) {
        if (i == 2) begin();
        check(snn_session_predict_arrays(session, &inputs, 1, outputs, capacities, 1));
    }
    end("predict_arrays");

    check(snn_session_free(session));
    check(snn_trainer_free(trainer));
    check(snn_dataset_free(dataset));
    check(snn_model_free(model));
    return 0;
}

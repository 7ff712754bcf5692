/* digits.c: a residual network learns to read handwritten digits.
 *
 *     digits <folder of the data> [epochs]
 *
 * Trains on digits.h5, tests on the digits held out, saves model and training state as
 * ./digits.h5, loads that file, checks that it predicts the same bits, and trains on. The
 * predictions stay in ./predictions_c.bin for digits.py to compare with. Fails when fewer than 97
 * of 100 digits are read right; with a number of epochs of your own it neither lowers the learning
 * rate nor judges.
 */
#define _POSIX_C_SOURCE 200112L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "swiftnn.h"

enum { EPOCHS = 8, MORE_EPOCHS = 4, PIXELS = 64, CLASSES = 10, TEST_ROWS = 360 };

/* Ends the program with the library's own words when a call failed. */
static void check(snn_status status, const char *what)
{
    if (status < 0) {
        fprintf(stderr, "%s: %s: %s\n", what, snn_status_name(status), snn_last_error());
        exit(1);
    }
}

/* One more layer on one tensor; returns the tensor that it gives. */
static int32_t layer(snn_model *model, const char *class_name, const char *options, int32_t x)
{
    int32_t y;
    check(snn_model_add_layer(model, class_name, options, &x, x < 0 ? 0 : 1, &y), class_name);
    return y;
}

static int32_t dense_and_normalize(snn_model *model, int32_t x)
{
    x = layer(model, "Dense", "{units: 256}", x);
    return layer(model, "BatchNormalization", "{momentum: 0.9}", x);
}

/* relu(x + f(x)): what the block learns is the difference to its input. */
static int32_t residual_block(snn_model *model, int32_t x)
{
    int32_t pair[2], y;

    pair[0] = x;
    y = layer(model, "ReLU", NULL, dense_and_normalize(model, x));
    pair[1] = dense_and_normalize(model, y);
    check(snn_model_add_layer(model, "Add", NULL, pair, 2, &y), "Add");
    return layer(model, "ReLU", NULL, y);
}

static snn_model *make_model(void)
{
    snn_model *model;
    int32_t x;

    check(snn_model_create("{name: 'digits', seed: 1}", &model), "model");
    x = layer(model, "InputLayer", "{shape: [8, 8]}", -1);
    x = layer(model, "Flatten", NULL, x);
    x = layer(model, "ReLU", NULL, dense_and_normalize(model, x));
    x = residual_block(model, x);
    x = residual_block(model, x);
    x = layer(model, "Dropout", "{rate: 0.4}", x);
    layer(model, "Dense", "{units: 10, activation: 'softmax'}", x);
    return model;
}

/* One line an epoch; on a terminal it is written anew while the epoch runs. */
static int32_t show_progress(const snn_progress *progress, void *user)
{
    int32_t at_end = progress->batch + 1 == progress->batches, i;
    int in_place = *(const int *)user;

    if (!in_place && !at_end) {
        return 0;
    }
    printf("%sepoch %2d/%d  batch %2d/%d", in_place ? "\r" : "", (int)progress->epoch + 1,
           (int)progress->epochs, (int)progress->batch + 1, (int)progress->batches);
    for (i = 0; i < progress->value_count; i++) {
        printf("  %s %.4f", progress->names[i], progress->values[i]);
    }
    printf("%s", at_end ? "\n" : "");
    fflush(stdout);
    return 0;
}

static void fit(snn_trainer *trainer, snn_dataset *data, int first_epoch, int epochs)
{
    int in_place = isatty(STDOUT_FILENO);
    snn_fit_callbacks callbacks = {.struct_size = sizeof callbacks, .on_batch_end = show_progress};
    char options[96];

    callbacks.user = &in_place;
    snprintf(options, sizeof options, "{initial_epoch: %d, epochs: %d, batch_size: 32}",
             first_epoch, epochs);
    check(snn_trainer_fit(trainer, data, NULL, options, &callbacks), "fit");
}

static double accuracy(snn_trainer *trainer, snn_dataset *data)
{
    double values[2]; /* loss, accuracy */
    int32_t count;

    check(snn_trainer_evaluate(trainer, data, NULL, values, 2, &count), "evaluate");
    return values[1];
}

static void predict(snn_model *model, const unsigned char *pixels, float *out_probabilities)
{
    const int64_t shape[] = {TEST_ROWS, 8, 8}, capacity = TEST_ROWS * CLASSES;
    const snn_array input = {sizeof input, SNN_UINT8, 3, shape, pixels};
    snn_session *session;

    check(snn_session_create(model, "{scale: 0.0625}", &session), "session");
    check(snn_session_predict_arrays(session, &input, 1, &out_probabilities, &capacity, 1),
          "predict");
    check(snn_session_free(session), "free");
}

static snn_dataset *open_data(const char *folder, const char *options)
{
    char path[4096];
    snn_dataset *data;

    snprintf(path, sizeof path, "%s/digits.h5", folder);
    check(snn_dataset_open(path, options, &data), path);
    return data;
}

/* Reads or writes a whole file of a known size. */
static void transfer(const char *folder, const char *name, const char *mode, void *bytes,
                     size_t size)
{
    char path[4096];
    FILE *file;
    size_t done = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, mode);
    if (file != NULL) {
        done = *mode == 'r' ? fread(bytes, 1, size, file) : fwrite(bytes, 1, size, file);
    }
    if (file == NULL || done != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static unsigned char pixels[TEST_ROWS * PIXELS];
    static float before[TEST_ROWS * CLASSES], after[TEST_ROWS * CLASSES];
    const char *folder = argc > 1 ? argv[1] : "Examples/data";
    int epochs = argc > 2 ? atoi(argv[2]) : EPOCHS, last = argc > 2 ? epochs : EPOCHS + MORE_EPOCHS;
    snn_model *model, *loaded;
    snn_trainer *trainer, *resumed;
    snn_dataset *training, *test;
    double share;

    training = open_data(folder, "{inputs: ['x_train'], targets: ['y_train'], scale: 0.0625}");
    test = open_data(folder, "{inputs: ['x_test'], targets: ['y_test'], scale: 0.0625}");
    transfer(folder, "digits_test.u8", "rb", pixels, sizeof pixels);

    printf("C, swiftnn %s: a residual network learns handwritten digits\n", snn_version());
    model = make_model();
    check(snn_trainer_create(model,
                             "{optimizer: 'adam', loss: 'sparse_categorical_crossentropy', "
                             "metrics: ['accuracy']}",
                             &trainer),
          "trainer");
    fit(trainer, training, 0, epochs);
    check(snn_trainer_set_learning_rate(trainer, 1e-4), "learning rate");
    fit(trainer, training, epochs, last);
    share = accuracy(trainer, test);
    printf("test accuracy %.4f on %d digits held out\n", share, TEST_ROWS);

    check(snn_trainer_save(trainer, "digits.h5", NULL), "save");
    predict(model, pixels, before);
    transfer(".", "predictions_c.bin", "wb", before, sizeof before);

    check(snn_trainer_load("digits.h5", NULL, &loaded, &resumed), "load");
    predict(loaded, pixels, after);
    if (memcmp(before, after, sizeof before) != 0) {
        fprintf(stderr, "the loaded model predicts other bits\n");
        return 1;
    }
    printf("saved digits.h5, loaded it: the same %d predictions, bit for bit\n", TEST_ROWS);
    printf("training on from the file:\n");
    fit(resumed, training, last, last + 1);

    check(snn_trainer_free(resumed), "free");
    check(snn_trainer_free(trainer), "free");
    check(snn_model_free(loaded), "free");
    check(snn_model_free(model), "free");
    check(snn_dataset_free(test), "free");
    check(snn_dataset_free(training), "free");
    return argc <= 2 && share < 0.97;
}

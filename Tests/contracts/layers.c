/* A layer of the host's in C: it trains as Dense does, what goes wrong in it is an error of the call
 * that needed it and changes nothing, and a step with it takes no memory.
 *
 *     layers
 *
 * Prints each fact that is not so; exits with 1 when there is one. */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "swiftnn.h"

enum { ROWS = 24, INPUTS = 5, UNITS = 3, OUTPUTS = 2, CALLERS = 4 };

static int failures;
static const char *build_answer; /* NULL: the right one */
static snn_model *model_in_build;
static volatile int fails_forward, fails_backward, fails_create, fails_build;
static int created, destroyed, forwards;
static float factor = 1;
static const char *more = ""; /* of build's answer */
static int confirms;

static void expect_at(int line, int condition, const char *what) {
    if (condition) return;
    failures++;
    fprintf(stderr, "line %d: %s (%s)\n", line, what, snn_last_error());
}

#define EXPECT(condition) expect_at(__LINE__, (condition), #condition)
#define OK(call) EXPECT((call) == SNN_OK)
#define FAILS(call, status, text) \
    EXPECT((call) == (status) && strstr(snn_last_error(), (text)) != NULL)

/* ---- allocations */

extern void *__libc_malloc(size_t count);
static long counted;

void *malloc(size_t count) {
    __atomic_add_fetch(&counted, 1, __ATOMIC_RELAXED);
    return __libc_malloc(count);
}

/* ---- the layer */

static int32_t create(const char *config, void **out_state, void *user) {
    EXPECT(strstr(config, "\"size\": 3") != NULL && user == &factor);
    if (fails_create) return 5;
    created++;
    *out_state = &created;
    return 0;
}

static void destroy(void *state, void *user) {
    EXPECT(state == &created && user == &factor);
    destroyed++;
}

static int32_t build(const snn_layer_build *build, void *user) {
    (void)user;
    EXPECT(build->struct_size == sizeof *build && build->state == &created);
    EXPECT(build->input_count == 1 && build->input_ranks[0] == 1);
    if (model_in_build != NULL) {
        /* The model is busy; nothing waits for it. */
        snn_session *session;
        int32_t tensor;
        FAILS(snn_session_create(model_in_build, NULL, &session), SNN_ERROR_BUSY, "in use");
        FAILS(snn_model_add_layer(model_in_build, "Dense", "{units: 1}", NULL, 0, &tensor),
              SNN_ERROR_BUSY, "in use");
    }
    if (fails_build) return -1;
    if (build_answer != NULL) {
        strncpy(build->out_text, build_answer, (size_t)build->capacity - 1);
        return 0;
    }
    return snprintf(build->out_text, (size_t)build->capacity,
                    "{%soutput_shape: [%d], saved: 1, weights: [{name: 'kernel', shape: [%d, %d]},"
                    " {name: 'bias', shape: [%d], initializer: 'zeros'}]}",
                    more, UNITS, (int)build->input_shapes[0][0], UNITS, UNITS) < 0;
}

static int32_t forward(const snn_layer_call *call, void *user) {
    int64_t row, i, width = call->input_shapes[0][0];
    int unit;
    (void)user;
    __atomic_add_fetch(&forwards, 1, __ATOMIC_RELAXED);
    if (fails_forward) return 7;
    EXPECT(call->struct_size == sizeof *call && call->weight_count == 2 && call->output_rank == 1);
    EXPECT((call->saved != NULL) == (call->training == 1));
    EXPECT(call->output_gradient == NULL && call->input_gradients == NULL);
    EXPECT(*call->confirmation == 0);
    *call->confirmation = confirms;
    for (row = 0; row < call->rows; row++) {
        if (call->saved) EXPECT(call->saved[row] == 0);
        if (call->saved) call->saved[row] = call->inputs[0][row * width];
        for (unit = 0; unit < UNITS; unit++) {
            float *y = &call->output[row * UNITS + unit];
            EXPECT(*y == 0);
            *y = call->weights[1][unit];
            for (i = 0; i < width; i++) {
                *y += call->inputs[0][row * width + i] * call->weights[0][i * UNITS + unit];
            }
        }
    }
    return 0;
}

static int32_t backward(const snn_layer_call *call, void *user) {
    int64_t row, i, width = call->input_shapes[0][0];
    float *dx = call->input_gradients[0], *dkernel = call->weight_gradients[0];
    int unit;
    if (fails_backward) return 9;
    *call->confirmation = confirms;
    for (row = 0; row < call->rows; row++) {
        EXPECT(call->saved[row] == call->inputs[0][row * width]);
        for (unit = 0; unit < UNITS; unit++) {
            float slope = call->output_gradient[row * UNITS + unit] * *(float *)user;
            if (call->weight_gradients[1]) call->weight_gradients[1][unit] += slope;
            for (i = 0; i < width; i++) {
                if (dkernel) dkernel[i * UNITS + unit] += slope * call->inputs[0][row * width + i];
                if (dx) dx[row * width + i] += slope * call->weights[0][i * UNITS + unit];
            }
        }
    }
    return 0;
}

static const snn_layer_callbacks callbacks = {sizeof callbacks, forward, backward,
                                              build, create, destroy};

/* ---- the models */

static float x[ROWS * INPUTS], y[ROWS * OUTPUTS];
static const int64_t x_shape[] = {ROWS, INPUTS}, y_shape[] = {ROWS, OUTPUTS};
static const snn_array inputs = {sizeof inputs, SNN_FLOAT32, 2, x_shape, x};
static const snn_array targets = {sizeof targets, SNN_FLOAT32, 2, y_shape, y};

static snn_status add(snn_model *model, const char *class_name, const char *options) {
    int32_t tensor;
    return snn_model_add_layer(model, class_name, options, NULL, 0, &tensor);
}

static snn_model *make(const char *class_name, const char *options) {
    snn_model *model;
    OK(snn_model_create("{class_name: 'Sequential', seed: 3}", &model));
    OK(add(model, "InputLayer", "{shape: [5]}"));
    OK(add(model, "Dense", "{units: 4, activation: 'tanh', name: 'first'}"));
    OK(add(model, class_name, options));
    OK(add(model, "Dense", "{units: 2, name: 'last'}"));
    return model;
}

static snn_trainer *compiled(snn_model *model) {
    snn_trainer *trainer;
    OK(snn_trainer_create(model, "{loss: 'mse', optimizer: 'adam', threads: 1}", &trainer));
    return trainer;
}

static snn_status step(snn_trainer *trainer) {
    double loss;
    int32_t count;
    return snn_trainer_train_on_batch(trainer, &inputs, 1, &targets, 1, NULL, &loss, 1, &count);
}

static void read_kernel(snn_model *model, const char *name, float *values) {
    int64_t count;
    OK(snn_model_get_variable(model, name, values, 64, &count));
}

static void *predict(void *model) {
    snn_session *session;
    float out[ROWS * OUTPUTS], again[ROWS * OUTPUTS];
    int round;
    OK(snn_session_create(model, "{batch_capacity: 5}", &session));
    OK(snn_session_predict(session, x, ROWS, out, ROWS * OUTPUTS));
    for (round = 0; round < 200; round++) {
        OK(snn_session_predict(session, x, ROWS, again, ROWS * OUTPUTS));
        EXPECT(memcmp(out, again, sizeof out) == 0);
    }
    OK(snn_session_free(session));
    return NULL;
}

int main(void) {
    static const char *const bad_answers[] = {
        "{output_shape: [-1]}", "{output_shape: [4294967296, 4294967296]}", "{", "nonsense",
        "{weights: [{name: 'a/b', shape: [1]}]}", "{weights: [{name: 'a', shape: [-4]}]}",
        "{output_shape: [1099511627777]}", "{nonsense: 1}", "{output_shape: ['\xff']}",
        "{weights: [{name: 'a', shape: [1], trainable: false}, {name: 'b', shape: [1]}]}",
        "{confirms: 1}", "{gradient_is_derivative: null}",
    };
    snn_model *own, *dense, *loaded;
    snn_trainer *trainer, *other;
    snn_dataset *data;
    snn_session *session;
    float before[64], after[64], out[ROWS * OUTPUTS], kept[ROWS * OUTPUTS];
    double values[4];
    char text[4096], file[1 << 16];
    int64_t length;
    int32_t count;
    size_t index;
    int i;
    pthread_t threads[CALLERS];
    snn_layer_callbacks wrong = callbacks;

    for (i = 0; i < ROWS * INPUTS; i++) x[i] = (float)((i * 37 % 41) - 20) / 20;
    for (i = 0; i < ROWS * OUTPUTS; i++) y[i] = (float)((i * 23 % 29) - 14) / 14;
    OK(snn_dataset_create(&inputs, 1, &targets, 1, NULL, NULL, &data));

    /* What cannot be registered. */
    wrong.backward = NULL;
    FAILS(snn_layer_register("Mine", &wrong, NULL), SNN_ERROR_ARGUMENT, "backward");
    wrong.struct_size = 16;
    FAILS(snn_layer_register("Mine", &wrong, NULL), SNN_ERROR_ARGUMENT, "struct_size");
    FAILS(snn_layer_register("Dense", &callbacks, NULL), SNN_ERROR_ARGUMENT, "'Dense'");
    FAILS(snn_layer_register("a/b", &callbacks, NULL), SNN_ERROR_ARGUMENT, "'/'");
    OK(snn_layer_register("Mine", NULL, NULL));

    /* It trains as Dense does; registering twice takes the second. */
    OK(snn_layer_register("Mine", &callbacks, NULL));
    OK(snn_layer_register("Mine", &callbacks, &factor));
    own = make("Mine", "{size: 3, name: 'own'}");
    dense = make("Dense", "{units: 3, name: 'own'}");
    trainer = compiled(own);
    other = compiled(dense);
    for (i = 0; i < 20; i++) {
        OK(step(trainer));
        OK(step(other));
    }
    read_kernel(own, "own/kernel", before);
    read_kernel(dense, "own/kernel", after);
    for (i = 0; i < 4 * UNITS; i++) EXPECT(fabsf(before[i] - after[i]) < 1e-4f);

    /* A steady step and prediction take no memory. */
    OK(snn_session_create(own, NULL, &session));
    OK(snn_session_predict(session, x, ROWS, kept, ROWS * OUTPUTS));
    counted = 0;
    for (i = 0; i < 10; i++) OK(step(trainer));
    for (i = 0; i < 10; i++) OK(snn_session_predict(session, x, ROWS, kept, ROWS * OUTPUTS));
    EXPECT(counted == 0);

    /* Callbacks that fail: nothing has changed. */
    read_kernel(own, "own/kernel", before);
    fails_forward = 1;
    FAILS(step(trainer), SNN_ERROR_STATE, "Mine 'own': its forward callback failed with 7");
    FAILS(snn_trainer_fit(trainer, data, NULL, NULL, NULL), SNN_ERROR_STATE, "forward");
    FAILS(snn_trainer_evaluate(trainer, data, NULL, values, 4, &count), SNN_ERROR_STATE, "forward");
    i = forwards;
    FAILS(snn_session_predict(session, x, ROWS, out, ROWS * OUTPUTS), SNN_ERROR_STATE, "forward");
    EXPECT(forwards == i + 1);
    fails_forward = 0;
    fails_backward = 1;
    FAILS(step(trainer), SNN_ERROR_STATE, "backward callback failed with 9");
    fails_backward = 0;
    read_kernel(own, "own/kernel", after);
    EXPECT(memcmp(before, after, 4 * UNITS * sizeof *before) == 0);
    OK(snn_session_predict(session, x, ROWS, out, ROWS * OUTPUTS));
    EXPECT(memcmp(out, kept, sizeof out) == 0);
    OK(step(trainer));

    /* A wrong gradient is refused before a trainer uses it. */
    OK(snn_trainer_free(trainer));
    trainer = compiled(own);
    factor = 1.5f;
    FAILS(step(trainer), SNN_ERROR_ARGUMENT, "Mine 'own': its derivative for number ");
    OK(snn_trainer_check_gradients(trainer, &inputs, 1, &targets, 1, NULL, NULL, text, sizeof text,
                                   &length));
    EXPECT(strstr(text, "own/kernel") != NULL);
    FAILS(step(trainer), SNN_ERROR_ARGUMENT, "expected to be about");
    factor = 1;
    OK(step(trainer));

    /* Unless it says that its backward is meant to be another one; a pass that has to confirm. */
    OK(snn_model_free(dense));
    OK(snn_trainer_free(other));
    more = "gradient_is_derivative: false, confirms: true, ";
    dense = make("Mine", "{size: 3, name: 'own'}");
    more = "";
    other = compiled(dense);
    factor = 1.5f;
    read_kernel(dense, "own/kernel", before);
    FAILS(step(other), SNN_ERROR_STATE, "Mine 'own': its forward callback failed with -1");
    read_kernel(dense, "own/kernel", after);
    EXPECT(memcmp(before, after, 4 * UNITS * sizeof *before) == 0);
    confirms = 1;
    OK(step(other));
    read_kernel(dense, "own/kernel", after);
    EXPECT(memcmp(before, after, 4 * UNITS * sizeof *before) != 0);
    factor = 1;

    /* Sessions on several threads at once. */
    for (i = 0; i < CALLERS; i++) pthread_create(&threads[i], NULL, predict, own);
    for (i = 0; i < CALLERS; i++) pthread_join(threads[i], NULL);

    /* Creating and building that fail, and answers that are none: the model stays as it was. */
    OK(snn_model_free(dense));
    OK(snn_model_create("{class_name: 'Sequential'}", &dense));
    OK(add(dense, "InputLayer", "{shape: [5]}"));
    fails_create = 1;
    FAILS(add(dense, "Mine", "{size: 3}"), SNN_ERROR_STATE, "create callback failed with 5");
    fails_create = 0;
    fails_build = 1;
    FAILS(add(dense, "Mine", "{size: 3}"), SNN_ERROR_STATE, "build callback failed with -1");
    fails_build = 0;
    for (index = 0; index < sizeof bad_answers / sizeof *bad_answers; index++) {
        build_answer = bad_answers[index];
        EXPECT(add(dense, "Mine", "{size: 3}") < 0);
    }
    build_answer = NULL;
    model_in_build = dense;
    OK(add(dense, "Mine", "{size: 3}"));
    model_in_build = NULL;
    OK(snn_session_free(session));
    OK(snn_session_create(dense, NULL, &session));

    /* A file needs the class; a model keeps it. */
    OK(snn_model_save_memory(own, NULL, file, sizeof file, &length));
    OK(snn_layer_register("Mine", NULL, NULL));
    FAILS(snn_model_load_memory(file, length, NULL, &loaded), SNN_ERROR_CONFIGURATION,
          "snn_layer_register");
    OK(step(trainer));
    OK(snn_layer_register("Mine", &callbacks, &factor));
    OK(snn_model_load_memory(file, length, NULL, &loaded));
    read_kernel(own, "last/kernel", before);
    OK(snn_model_free(loaded));

    EXPECT(destroyed < created);
    OK(snn_session_free(session));
    OK(snn_model_free(own));
    OK(snn_model_free(dense));
    OK(snn_trainer_free(trainer));
    OK(snn_trainer_free(other));
    OK(snn_dataset_free(data));
    EXPECT(created > 0 && destroyed == created);
    return failures > 0;
}

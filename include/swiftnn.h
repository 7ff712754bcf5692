/* swiftnn.h: train and run neural networks inside a C program.
 *
 * Conventions, which hold for every function unless its own text says otherwise:
 *
 * - A function that can fail returns snn_status: SNN_OK, or a negative SNN_ERROR_..., and then
 *   snn_last_error() tells on the same thread what was expected and what came. Results go through
 *   trailing out_ pointers, which are written on success only. A failed call changes nothing.
 * - Sizes are int64_t, data is float32, row-major, the batch is the first axis, channels the last.
 * - Options are one text of JSON5 whose keys are Keras 3's; NULL or "" means the defaults. An
 *   unknown key is an error that names the nearest known one.
 * - Text and arrays are returned in memory of the caller. With a NULL buffer and capacity 0 a
 *   function only tells the length that it needs (of a text: without the closing NUL).
 * - A handle belongs to the caller until its _free. A session and a trainer keep their model
 *   alive, so the order of freeing does not matter. A freed or foreign handle is
 *   SNN_ERROR_HANDLE. NULL may be freed.
 * - Strings are UTF-8 and end with NUL; they are copied, never kept.
 * - Threads: different handles may be used at the same time. On one model any number of
 *   predictions run beside each other, each with a session of its own; a training call, a save or
 *   a change of a model is exclusive, and whoever comes second gets SNN_ERROR_BUSY.
 * - After fork() the child may use its handles, whatever other threads were doing, but for what one
 *   of them was changing at that moment: a model that it was training or changing, and a trainer or
 *   linear model at work, stay busy there; they may be freed. What was freed, but another thread's
 *   call still used, goes with the child's next _free. A callback may fork, and the child return from
 *   it: the call goes on there by itself, as in the parent. (An evaluation that goes on so no longer
 *   keeps the child's other threads from changing its model.)
 * - Signal handlers may not call the library. They may fork where the C library allows it, and where
 *   one came into a call of the library the child is for exec() or _exit(). Handlers given to
 *   pthread_atfork() may call the library when they were given after it was loaded; earlier ones may
 *   free handles, no more.
 * - The library prints nothing, starts no thread before a computation is large enough to profit,
 *   and changes nothing of its host (signals, locale, floating-point state, working directory).
 */
#ifndef SWIFTNN_H
#define SWIFTNN_H

#include <stddef.h>
#include <stdint.h>

#define SNN_VERSION_MAJOR 0
#define SNN_VERSION_MINOR 1
#define SNN_VERSION_PATCH 0

#if defined(__GNUC__) || defined(__clang__)
#define SNN_MUST_USE __attribute__((warn_unused_result))
#else
#define SNN_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ status and errors ---- */

/* Zero: done. Positive: done, with something to know. Negative: an error. */
typedef int32_t snn_status;

enum {
    SNN_OK = 0,
    SNN_STOPPED = 1,            /* a callback stopped the training; what was learned is kept */
    SNN_RANK_DEFICIENT = 2,     /* other coefficients fit as well: these have the least norm */
    SNN_PAUSED = 3,             /* a budget is used up; a fit with resume: true goes on there */
    SNN_ERROR_ARGUMENT = -1,    /* an argument is NULL, out of range, or not what it should be */
    SNN_ERROR_HANDLE = -2,      /* a handle was freed, is of another kind, or never was one */
    SNN_ERROR_BUSY = -3,        /* the object is in use by another call */
    SNN_ERROR_STATE = -4,       /* the object is not in a state that allows the call */
    SNN_ERROR_SHAPE = -5,       /* a shape or a count does not fit */
    SNN_ERROR_CONFIGURATION = -6, /* JSON5 that cannot be read, an unknown name or key, a bad value */
    SNN_ERROR_UNSUPPORTED = -7, /* valid, but not something that this version does */
    SNN_ERROR_NUMERIC = -8,     /* a loss or gradient that is not finite; nothing was updated */
    SNN_ERROR_MEMORY = -9,      /* memory ran out, or the limit of snn_memory_set_limit */
    SNN_ERROR_IO = -10,         /* the operating system refused to read or write */
    SNN_ERROR_FORMAT = -11,     /* not a file of a known kind, or one whose parts contradict */
    SNN_ERROR_CHECKSUM = -12,   /* a file of ours that was damaged */
    SNN_ERROR_LIMIT = -13,      /* a size over one of the library's limits */
    SNN_ERROR_INTERNAL = -14    /* a fault of the library: please report it */
};

/* "0.1.0". Static; do not free. */
const char *snn_version(void);

/* "SNN_ERROR_SHAPE" for its value; "unknown status" for a value that is none. Static. */
const char *snn_status_name(snn_status status);

/* The text of the last error on this thread; "" when there was none. Never NULL. Valid until the
 * next call of the library on this thread. */
const char *snn_last_error(void);

/* What this build is, as JSON: version, instruction set, threads, HDF5's version. */
snn_status snn_build_info(char *out_text, int64_t capacity, int64_t *out_length) SNN_MUST_USE;

/* Levels of log lines. */
enum { SNN_LOG_DEBUG = 0, SNN_LOG_INFO = 1, SNN_LOG_WARNING = 2, SNN_LOG_ERROR = 3 };

/* A line of the log. It comes on a thread that is inside a call of the library; the text is valid
 * during the callback. The return value is reserved: return 0. */
typedef int32_t (*snn_log_callback)(int32_t level, const char *message, void *user);

/* Where log lines go. NULL, the default, is nowhere. For the whole process. */
snn_status snn_log_set_callback(snn_log_callback callback, void *user) SNN_MUST_USE;

/* ------------------------------------------------------------------ the process ---- */

/* How many threads a call may use where its session or trainer does not say: 1 to 256, or 0 for
 * what the machine offers (affinity, cgroup, SWIFTNN_NUM_THREADS). Results do not depend on it.
 * The kernels are those of the processor, AVX-512, AVX2 or base; SWIFTNN_ISA=avx2 or base in the
 * environment lowers the choice, as it stood when it was first needed (snn_build_info tells the
 * choice); with another text than base, avx2, avx512 or none, making a session or trainer and
 * computing a loss, a metric or an exact fit is SNN_ERROR_CONFIGURATION. AVX-512 and AVX2 give the same
 * bits. */
snn_status snn_threads_set_count(int32_t count) SNN_MUST_USE;
snn_status snn_threads_get_count(int32_t *out_count) SNN_MUST_USE;

/* The most bytes that weights, plans, data and files may take together; 0 is no limit (default).
 * Beyond it a call fails with SNN_ERROR_MEMORY. Existing objects stay as they are. */
snn_status snn_memory_set_limit(int64_t bytes) SNN_MUST_USE;

/* Bytes now, the most they ever were, and how often memory was taken, all since the start. */
snn_status snn_memory_get_usage(int64_t *out_bytes, int64_t *out_peak_bytes,
                                int64_t *out_allocations) SNN_MUST_USE;

/* ------------------------------------------------------------------ arrays ---- */

typedef int32_t snn_dtype;

enum { SNN_FLOAT32 = 0, SNN_FLOAT64 = 1, SNN_UINT8 = 2, SNN_INT32 = 3, SNN_INT64 = 4 };

/* A contiguous row-major array in memory of the caller, which lends it for the call (to a data
 * set: until that is freed). shape[0] counts the samples. Set struct_size to
 * sizeof(snn_array). */
typedef struct snn_array {
    size_t struct_size;
    snn_dtype dtype;
    int32_t rank;         /* 1 to 8 */
    const int64_t *shape; /* rank extents */
    const void *data;     /* aligned to its element; may be NULL only when there is no element */
} snn_array;

typedef struct snn_model snn_model;
typedef struct snn_session snn_session;
typedef struct snn_dataset snn_dataset;
typedef struct snn_trainer snn_trainer;
typedef struct snn_linear snn_linear;

/* ------------------------------------------------------------------ models ---- */

/* An empty model. Options: class_name ('Functional', the default, or 'Sequential'), name,
 * seed (0 to 2^63-1, default 0: the initial weights, dropout and shuffling follow from it). */
snn_status snn_model_create(const char *options, snn_model **out_model) SNN_MUST_USE;

/* A model from Keras's model_config JSON (what keras.Model.to_json() gives), freshly initialized.
 * Options: seed. */
snn_status snn_model_create_from_json(const char *json, const char *options,
                                      snn_model **out_model) SNN_MUST_USE;

/* Frees the model when its sessions and trainers are gone too. */
snn_status snn_model_free(snn_model *model);

/* Adds a layer of the Keras class `class_name` and applies it to tensors of this model, which
 * gives the tensor *out_tensor. Options are the class's Keras configuration, and `name`,
 * `trainable`. Regularizers and constraints are a name ('l2', 'max_norm') or {class_name, config};
 * activity_regularizer goes with every class. Penalties are part of the loss, in training and in
 * evaluation; those of activities are divided by the rows of the batch. Constraints hold after
 * each step, of layers that are not frozen. 'InputLayer' takes no tensor and {shape: [...]} without the batch. In a
 * 'Sequential' model inputs may be NULL with count 0: the layer follows the last one.
 * Once the model has been used (weights read, predicted, trained, saved), it is complete: adding
 * is SNN_ERROR_STATE. */
snn_status snn_model_add_layer(snn_model *model, const char *class_name, const char *options,
                               const int32_t *inputs, int32_t input_count,
                               int32_t *out_tensor) SNN_MUST_USE;

/* Applies a layer that the model has once more: both calls share its weights. */
snn_status snn_model_call_layer(snn_model *model, const char *layer_name, const int32_t *inputs,
                                int32_t input_count, int32_t *out_tensor) SNN_MUST_USE;

/* Which tensors the model returns, in this order; without it, the last one that was added. */
snn_status snn_model_set_outputs(snn_model *model, const int32_t *tensors,
                                 int32_t count) SNN_MUST_USE;

/* The shape of a tensor, without the batch; capacity counts extents (8 always suffice). The model
 * need not be complete, and does not become so. */
snn_status snn_model_get_tensor_shape(snn_model *model, int32_t tensor, int64_t *out_shape,
                                      int32_t capacity, int32_t *out_rank) SNN_MUST_USE;

/* Keras's model_config JSON of this model. */
snn_status snn_model_to_json(snn_model *model, char *out_text, int64_t capacity,
                             int64_t *out_length) SNN_MUST_USE;

/* The table that Keras's summary() prints: layers, shapes, parameters. */
snn_status snn_model_get_summary(snn_model *model, char *out_text, int64_t capacity,
                                 int64_t *out_length) SNN_MUST_USE;

/* The model as JSON for programs: {name, class_name, seed, inputs: [{name, shape}],
 * outputs: [{name, shape}], layers: [{name, class_name, trainable, output_shape,
 * parameter_count}], variables: [{name, layer, shape, trainable}]}. Shapes are without the
 * batch; variables come in the order of Keras's get_weights(), layer by layer, and `trainable`
 * of a variable takes the layer's freezing into account. */
snn_status snn_model_describe(snn_model *model, char *out_text, int64_t capacity,
                              int64_t *out_length) SNN_MUST_USE;

/* How many numbers the model's variables hold, and how many of them training changes. */
snn_status snn_model_get_parameter_count(snn_model *model, int64_t *out_total,
                                         int64_t *out_trainable) SNN_MUST_USE;

/* How many variables (kernels, biases, moving means ...) there are. */
snn_status snn_model_get_variable_count(snn_model *model, int64_t *out_count) SNN_MUST_USE;

/* The name of variable `index`, "<layer>/<variable>" as in "dense/kernel". */
snn_status snn_model_get_variable_name(snn_model *model, int64_t index, char *out_text,
                                       int64_t capacity, int64_t *out_length) SNN_MUST_USE;

/* The shape of a variable; capacity counts extents (8 always suffice). */
snn_status snn_model_get_variable_shape(snn_model *model, const char *name, int64_t *out_shape,
                                        int32_t capacity, int32_t *out_rank) SNN_MUST_USE;

/* Copies a variable out of or into the model; capacity and count are in floats, and count must be
 * the variable's own. */
snn_status snn_model_get_variable(snn_model *model, const char *name, float *out_values,
                                  int64_t capacity, int64_t *out_count) SNN_MUST_USE;
snn_status snn_model_set_variable(snn_model *model, const char *name, const float *values,
                                  int64_t count) SNN_MUST_USE;

/* Freezes (0) or thaws (1) a layer, or all layers when layer_name is NULL. A frozen batch
 * normalization uses its moving statistics in training too. */
snn_status snn_model_set_trainable(snn_model *model, const char *layer_name,
                                   int32_t trainable) SNN_MUST_USE;

/* Sets the mean and the variance of a Normalization layer, each with its own axes, to those of the
 * one input of the data set, which has the shape of the layer's input; targets are not looked at. */
snn_status snn_model_adapt(snn_model *model, const char *layer_name,
                           snn_dataset *dataset) SNN_MUST_USE;

/* Writes the model (architecture and weights) as an HDF5 file in Keras's layout. The file is
 * replaced in one step: after a crash at any moment it is whole, the old or the new; the previous
 * one is kept beside it as <path>.prev. Options: keep_previous (true), verify (true: reads the
 * file back). The memory form writes the same bytes. */
snn_status snn_model_save(snn_model *model, const char *path, const char *options) SNN_MUST_USE;
snn_status snn_model_save_memory(snn_model *model, const char *options, void *out_data,
                                 int64_t capacity, int64_t *out_length) SNN_MUST_USE;

/* Reads a model that this library or Keras (.h5) saved. Options: foreign (true: also files that
 * are not ours; open those only from sources that you trust), previous (false: also <path>.prev
 * when the file is damaged), seed (of a foreign file; ours bring their own). */
snn_status snn_model_load(const char *path, const char *options,
                          snn_model **out_model) SNN_MUST_USE;
snn_status snn_model_load_memory(const void *data, int64_t length, const char *options,
                                 snn_model **out_model) SNN_MUST_USE;

/* Weights alone. A path that ends in ".weights.h5" has Keras 3's weights layout, another one the
 * older layout, as in Keras. Loading changes all weights or, on an error, none. */
snn_status snn_model_save_weights(snn_model *model, const char *path,
                                  const char *options) SNN_MUST_USE;
snn_status snn_model_load_weights(snn_model *model, const char *path,
                                  const char *options) SNN_MUST_USE;

/* ------------------------------------------------------------------ layers of your own ---- */

/* What a layer is asked when its inputs are known, in snn_layer_callbacks.build. It answers in
 * JSON5 with a closing NUL in out_text, which comes as an empty text: output_shape (the first
 * input's), without the batch; weights ([]), a list of {name, shape (1 to 8 extents), initializer
 * ('glorot_uniform'), regularizer, constraint (null), trainable (true)}, those not trainable last, as
 * Keras has them; saved (0), how many floats of each row a forward keeps for its backward;
 * gradient_is_derivative (true): false leaves out the comparison with finite differences, of a backward
 * that is meant to be another one (a reversed or clipped gradient, a straight-through estimator);
 * confirms (false): see snn_layer_call. */
typedef struct snn_layer_build {
    size_t struct_size;
    void *state; /* what create made */
    int32_t input_count;
    const int32_t *input_ranks;
    const int64_t *const *input_shapes; /* without the batch */
    char *out_text;
    int64_t capacity; /* of out_text, at least 65536 */
} snn_layer_build;

/* A pass of a layer over some rows. All memory is the library's, valid during the callback; weights
 * are in the order of build's answer. A forward writes output; a backward gets the inputs, the
 * weights, the output and what was saved as its forward left them, and the derivative of the loss for
 * each number of the output, and writes those for the inputs and weights. What is to be written
 * comes as zeros. */
typedef struct snn_layer_call {
    size_t struct_size;
    void *state;
    int64_t rows;
    int32_t training; /* 1 in training: a backward may follow */
    int32_t input_count;
    const int32_t *input_ranks;
    const int64_t *const *input_shapes; /* without the batch */
    const float *const *inputs;
    int32_t weight_count;
    int32_t output_rank;
    const int64_t *output_shape; /* without the batch */
    const float *const *weights;
    float *output;
    float *saved;  /* [rows, saved]; NULL outside of training */
    uint64_t seed; /* for random numbers: one in a step's forward and backward, the layer's own */
    const float *output_gradient;   /* this and the next two are NULL in a forward */
    float *const *input_gradients;  /* an entry is NULL when nobody asks for it */
    float *const *weight_gradients; /* the same: of a frozen layer, of a weight not trainable */
    int32_t *confirmation; /* comes as 0; with confirms in build's answer, a pass that leaves 0 here has
                            * failed whatever it returned: of a runtime that may drop an exception */
} snn_layer_call;

/* Not 0 from one of these: it failed, and so does the call that needed it, with SNN_ERROR_STATE and
 * the layer's name. create gets the layer's configuration as JSON. */
typedef int32_t (*snn_layer_create_callback)(const char *config, void **out_state, void *user);
typedef int32_t (*snn_layer_build_callback)(const snn_layer_build *build, void *user);
typedef int32_t (*snn_layer_pass_callback)(const snn_layer_call *call, void *user);
typedef void (*snn_layer_destroy_callback)(void *state, void *user);

/* Set struct_size to sizeof(snn_layer_callbacks). build may be NULL (the output has the first
 * input's shape, there are no weights), and so may create (state is NULL) and destroy. */
typedef struct snn_layer_callbacks {
    size_t struct_size;
    snn_layer_pass_callback forward;
    snn_layer_pass_callback backward;
    snn_layer_build_callback build;
    snn_layer_create_callback create;
    snn_layer_destroy_callback destroy; /* when the last model and session with the layer is gone */
} snn_layer_callbacks;

/* Makes `class_name` (at most 64 bytes, no '/') a class of layers for the models that are built or
 * loaded from then on, in the whole process; NULL callbacks take the name back. Names of the library
 * and of Keras are refused. Options of such a layer are any keys; `name`, `trainable` and
 * `activity_regularizer` are as for every layer, and those that Keras itself writes (dtype, module,
 * registered_name, build_config, shared_object_id, input_shape, input_dtype, batch_shape,
 * batch_input_shape) mean nothing. A file keeps class and options; to load it the class must be
 * registered, and Keras needs it among custom_objects. A layer keeps the callbacks and `user` that it
 * was made with: they must stay until it is destroyed.
 *
 * Callbacks come on the thread that called the library, with one exception to one at a time: of
 * sessions that predict at once on several threads come several forwards of one layer at once. They
 * may not use the model and the trainer, which are busy, nor may destroy call the library at all.
 * Where one fails, a training step changes nothing and nothing is called again; a prediction may have
 * written rows that came before.
 *
 * Before a trainer first uses a layer's gradients, they are compared with finite differences of
 * forward on up to 16 rows of the batch at hand: SNN_ERROR_ARGUMENT names the layer, the input or
 * weight, the number's place, and what was expected. What has no slope in that batch is looked at in
 * the next ones, 8 at most. So forward must give the same for the same call; for a backward that is
 * meant to be another one, see snn_layer_build. snn_trainer_check_gradients reports instead. The same
 * bits with any threads, batches and in a resumed training come of such a layer as far as its own
 * numbers do. */
snn_status snn_layer_register(const char *class_name, const snn_layer_callbacks *callbacks,
                              void *user) SNN_MUST_USE;

/* ------------------------------------------------------------------ prediction ---- */

/* Scratch memory to predict with. One session serves one call at a time; make one a thread.
 * Options: threads (0: the process's), batch_capacity (32: rows that memory is taken for; larger
 * batches run in pieces), scale (1.0: what uint8 input is multiplied with). */
snn_status snn_session_create(snn_model *model, const char *options,
                              snn_session **out_session) SNN_MUST_USE;
snn_status snn_session_free(snn_session *session);

/* Predicts `rows` samples of a model with one input and one output. input holds rows × the
 * input's size; capacity is the room of out_output in floats, at least rows × the output's size.
 * They may not overlap. Takes no memory. */
snn_status snn_session_predict(snn_session *session, const float *input, int64_t rows,
                               float *out_output, int64_t capacity) SNN_MUST_USE;

/* The same for any number of inputs and outputs and any dtype; capacities[i] is the room of
 * out_outputs[i] in floats. */
snn_status snn_session_predict_arrays(snn_session *session, const snn_array *inputs,
                                      int32_t input_count, float *const *out_outputs,
                                      const int64_t *capacities,
                                      int32_t output_count) SNN_MUST_USE;

/* ------------------------------------------------------------------ data sets ---- */

/* Samples in memory of the caller, not copied: it must stay as it is until the data set is freed.
 * One array for each input and output of the model; sample_weight, of shape [samples], may be
 * NULL. Options: scale (1.0: what uint8 inputs are multiplied with). */
snn_status snn_dataset_create(const snn_array *inputs, int32_t input_count,
                              const snn_array *targets, int32_t target_count,
                              const snn_array *sample_weight, const char *options,
                              snn_dataset **out_dataset) SNN_MUST_USE;

/* Samples in an HDF5 file, read in blocks ahead of the training, so it may be larger than memory;
 * shuffling permutes the blocks and the samples within each. Options: inputs (['x']),
 * targets (['y']), sample_weight (none): the paths of contiguous datasets in the file;
 * scale (1.0), block_rows (0: about 8 MiB). */
snn_status snn_dataset_open(const char *path, const char *options,
                            snn_dataset **out_dataset) SNN_MUST_USE;

snn_status snn_dataset_get_count(snn_dataset *dataset, int64_t *out_count) SNN_MUST_USE;
snn_status snn_dataset_free(snn_dataset *dataset);

/* ------------------------------------------------------------------ training ---- */

/* What a callback is told. Grows at its end; struct_size says how far it reaches. */
typedef struct snn_progress {
    size_t struct_size;
    int64_t epoch;   /* from 0 */
    int64_t epochs;  /* the epoch at which this fit ends */
    int64_t batch;   /* from 0, within the epoch */
    int64_t batches; /* of an epoch */
    int64_t step;    /* optimizer steps since the trainer was made */
    int32_t value_count;
    const char *const *names; /* of each value: "loss", "accuracy", "val_loss" ...; valid during the
                                 callback */
    const double *values;     /* so far in this epoch */
    int32_t stopping;         /* 1 when the training ends after this */
} snn_progress;

/* Called on the thread that called the fit. A value above 0 stops the training after this batch or
 * epoch, one below 0 pauses it: see snn_trainer_fit. Inside it the getters of the model and trainer
 * and snn_trainer_set_learning_rate may be called; the rest is SNN_ERROR_BUSY. */
typedef int32_t (*snn_progress_callback)(const snn_progress *progress, void *user);

/* Set struct_size to sizeof(snn_fit_callbacks), and what is not needed to NULL. */
typedef struct snn_fit_callbacks {
    size_t struct_size;
    snn_progress_callback on_batch_end;
    snn_progress_callback on_epoch_end; /* with the values of the validation */
    void *user;
    snn_progress_callback on_train_begin; /* at the begin of each call of the fit */
    snn_progress_callback on_train_end;   /* when the training has ended, not when it pauses */
    snn_progress_callback on_epoch_begin;
    snn_progress_callback on_batch_begin; /* without values */
    snn_progress_callback on_test_batch_end; /* after a batch of validation or evaluation */
} snn_fit_callbacks;

/* A loss of the host's: of `rows` samples of `width` numbers it writes out_values[r], the value of
 * sample r, and where out_gradient is not NULL out_gradient[r * width + i], the derivative of that
 * value for y_pred[r * width + i]. Not 0: it failed, and so does the call that needed it, with
 * SNN_ERROR_STATE. It is called on the thread that called the library, and may not use the model
 * and the trainer, which are busy. */
typedef int32_t (*snn_loss_callback)(const float *y_true, const float *y_pred, int64_t rows,
                                     int64_t width, float *out_values, float *out_gradient,
                                     void *user);

/* Makes `name` (at most 64 bytes) a loss for the trainers that are created or loaded from then on,
 * in the whole process; NULL takes the name back. A trainer keeps the callback and `user` that it
 * was made with: they must stay until it is freed. The trainer's file holds the name, which must be
 * registered when it is loaded, and its options: `reduction`, and any others. Before a trainer first
 * uses its gradient, derivatives of the batch at hand are compared with finite differences:
 * SNN_ERROR_ARGUMENT names one that is wrong; the option gradient_is_derivative: false, which the file
 * keeps, leaves that out. out_values come as NaN. */
snn_status snn_loss_register(const char *name, snn_loss_callback callback,
                             void *user) SNN_MUST_USE;

/* A loss by itself. Options: loss (as for snn_trainer_create), threads (0: the process's).
 * y_true and y_pred are as a model's targets and output; sample_weight, of shape [samples], may be
 * NULL. The gradient for y_pred goes to out_gradient, which may be NULL with capacity 0; out_count
 * is how many numbers that are. */
snn_status snn_loss_compute(const char *options, const snn_array *y_true, const snn_array *y_pred,
                            const snn_array *sample_weight, double *out_loss, float *out_gradient,
                            int64_t capacity, int64_t *out_count) SNN_MUST_USE;

/* A metric by itself: a batch added to the sums of the batches before it (NULL and 0 for none), and
 * the result of them all. Options: metric (as for snn_trainer_create), threads (0: the process's).
 * The new sums go to out_sums, which may be NULL with capacity 0; out_count is how many they are.
 * out_result is the first number of a metric that has several. */
snn_status snn_metric_compute(const char *options, const snn_array *y_true,
                              const snn_array *y_pred, const snn_array *sample_weight,
                              const double *sums, int64_t sum_count, double *out_result,
                              double *out_sums, int64_t capacity,
                              int64_t *out_count) SNN_MUST_USE;

/* All numbers that the sums that snn_metric_compute gave come to: one, or one for each class or
 * threshold. Options are the same; of y_pred, which may have no samples, only the shape counts. */
snn_status snn_metric_get_result(const char *options, const snn_array *y_pred, const double *sums,
                                 int64_t sum_count, double *out_values, int64_t capacity,
                                 int64_t *out_count) SNN_MUST_USE;

/* What trains a model. Options, as in Keras's compile(): optimizer (a name or {class_name, config}
 * with Keras's classes and keys; README.md lists them), loss (a name, {class_name, config}, a list
 * with one for each output, or null), loss_weights (a list), metrics (a list of names or
 * {class_name, config}, or of lists for each output), weighted_metrics (those in which samples
 * count with their weights); and threads (0: the process's), scale (1.0: what uint8 inputs of
 * single batches are multiplied with; a data set has its own). */
snn_status snn_trainer_create(snn_model *model, const char *options,
                              snn_trainer **out_trainer) SNN_MUST_USE;
snn_status snn_trainer_free(snn_trainer *trainer);

/* Trains in mini-batches; an error after the first batch leaves the steps before it. validation
 * and callbacks may be NULL. Options: epochs (1: the epoch at which to end), initial_epoch (0),
 * batch_size (32), shuffle (true), validation_split (0: this last share of the data validates
 * instead), validation_batch_size (batch_size), validation_steps (null: all batches),
 * validation_freq (1: validate after every so many epochs), resume (false: go on where the trainer
 * stands, in the middle of an epoch too; the data, the callbacks and what decides the batches must
 * be the same), and
 * - max_steps, max_milliseconds, max_epochs (null): the fit pauses when it has done so much, and
 *   never takes longer than a step (or a batch of validation) beyond it; it does one at least.
 *   max_epochs pauses before what the callbacks do at the end, after the last epoch too.
 * - class_weight (null; {"0": 1.0, ...}): what the samples of a class count, times their own
 *   weight; 1 for a class that is not named.
 * - mixup (null): the alpha of Zhang et al. 2018; targets must not be class numbers.
 * - callbacks: a list of {class_name, config} with Keras's keys:
 *   EarlyStopping: monitor ('val_loss'), min_delta (0), patience (0), mode ('auto'), baseline
 *   (null), restore_best_weights (false), start_from_epoch (0).
 *   ReduceLROnPlateau: monitor, factor (0.1), patience (10), mode, min_delta (1e-4), cooldown (0),
 *   min_lr (0).
 *   ModelCheckpoint: filepath ('m-{epoch:02d}-{val_loss:.4f}.h5'), monitor, mode, save_best_only
 *   (false), save_weights_only (false: else the path ends in .weights.h5), save_freq ('epoch' or a
 *   number of batches), initial_value_threshold (null).
 *   BackupAndRestore: backup_dir, save_freq, delete_checkpoint (true). The same call in a new
 *   process goes on from the backup, and ends as if it had never stopped.
 *   SwapEMAWeights: swap_on_epoch (false: the averages of an optimizer with use_ema stand in the model
 *   during validation alone; true: from an epoch's end to the next one's begin, too).
 *   TerminateOnNaN: a loss or gradient that is not finite stops the training and is no error; the
 *   epoch's loss is NaN in the history, and the trainer's position is that batch.
 *   CSVLogger: filename, separator (','), append (false).
 *   verbose above 0 writes to the log. A value to monitor that the fit does not report, or that is
 *   several numbers, is an error.
 * Returns SNN_STOPPED when a callback stopped it and SNN_PAUSED when it is to be gone on with:
 * resume: true ends with the same bits as a fit that never paused. A loss or gradient that is not
 * finite is SNN_ERROR_NUMERIC: that step changed nothing, the steps before it stand. */
snn_status snn_trainer_fit(snn_trainer *trainer, snn_dataset *dataset, snn_dataset *validation,
                           const char *options,
                           const snn_fit_callbacks *callbacks) SNN_MUST_USE;

/* The loss and metrics on a data set, in the order of snn_trainer_get_metric_name; the number of
 * values is that of the names. Options:
 * batch_size (32), steps (null: the first so many batches). */
snn_status snn_trainer_evaluate(snn_trainer *trainer, snn_dataset *dataset, const char *options,
                                double *out_values, int32_t capacity,
                                int32_t *out_count) SNN_MUST_USE;

/* The same with on_test_batch_end of callbacks (which may be NULL) told after each batch. Where it
 * answers another number than 0, the values are those of the batches so far, and the call returns
 * SNN_STOPPED. */
snn_status snn_trainer_evaluate_told(snn_trainer *trainer, snn_dataset *dataset,
                                     const char *options, const snn_fit_callbacks *callbacks,
                                     double *out_values, int32_t capacity,
                                     int32_t *out_count) SNN_MUST_USE;

/* The name of a value: "loss" for 0, then the outputs' losses where there are several, then the
 * metrics. A metric of several numbers, one for each class or threshold, has as many values, one
 * after the other under the same name; so have those of a callback. An index past the last is
 * SNN_ERROR_ARGUMENT. */
snn_status snn_trainer_get_metric_name(snn_trainer *trainer, int32_t index, char *out_text,
                                       int64_t capacity, int64_t *out_length) SNN_MUST_USE;

/* One step on one batch. sample_weight may be NULL. The values are those of this batch, before
 * the step. */
snn_status snn_trainer_train_on_batch(snn_trainer *trainer, const snn_array *inputs,
                                      int32_t input_count, const snn_array *targets,
                                      int32_t target_count, const snn_array *sample_weight,
                                      double *out_values, int32_t capacity,
                                      int32_t *out_count) SNN_MUST_USE;

/* The gradients of the loss on one batch, in training mode, without a step: for the getters
 * below. */
snn_status snn_trainer_compute_gradients(snn_trainer *trainer, const snn_array *inputs,
                                         int32_t input_count, const snn_array *targets,
                                         int32_t target_count, const snn_array *sample_weight,
                                         double *out_loss) SNN_MUST_USE;

/* Compares the gradients of the loss on one batch with central differences of the loss, for each
 * trained variable and each input, in training mode; the weights stay as they are. The text is JSON:
 * {"dense/kernel": {error, index, gradient, expected, compared, kinks, nonzero}, "input 'x'": ...}: the
 * worst difference, relative to the largest gradient of the tensor (1e-3 is sound, 1 is wrong),
 * the number where it is and both values there, how many numbers were compared, how many were not
 * because the loss has a kink beside them, and how many of the compared have a slope at all: with
 * none, nothing was shown. Options: numbers (20: the most of each tensor). */
snn_status snn_trainer_check_gradients(snn_trainer *trainer, const snn_array *inputs,
                                       int32_t input_count, const snn_array *targets,
                                       int32_t target_count, const snn_array *sample_weight,
                                       const char *options, char *out_text, int64_t capacity,
                                       int64_t *out_length) SNN_MUST_USE;

/* What each layer does with one batch in training mode: forward, backward, and in a step that is
 * taken back, so that no number of the model and the optimizer changes. JSON: {loss, problem (null,
 * or why the loss or a gradient was not finite), thresholds, layers: [{name, class_name, parameters,
 * weight_norm, gradient_norm, update_norm, update_ratio (update / weight; about 1e-3 is usual),
 * activation_mean, activation_std, dead_share (of relu's units: 0 for all samples),
 * saturated_share (of the outputs of tanh, sigmoid and the like: beyond 0.97 of half their range),
 * verdict ('healthy', 'vanishing', 'exploding', 'dead' or 'saturated'), advice}]}; null is what a
 * layer does not have. Options: none yet. */
snn_status snn_trainer_diagnostics(snn_trainer *trainer, const snn_array *inputs,
                                   int32_t input_count, const snn_array *targets,
                                   int32_t target_count, const snn_array *sample_weight,
                                   const char *options, char *out_text, int64_t capacity,
                                   int64_t *out_length) SNN_MUST_USE;

/* The gradient with respect to a variable, of the last step or snn_trainer_compute_gradients. */
snn_status snn_trainer_get_gradient(snn_trainer *trainer, const char *variable_name,
                                    float *out_values, int64_t capacity,
                                    int64_t *out_count) SNN_MUST_USE;

/* The gradient with respect to an input of the model, of the last snn_trainer_compute_gradients:
 * [rows, the input's shape]. */
snn_status snn_trainer_get_input_gradient(snn_trainer *trainer, int32_t input, float *out_values,
                                          int64_t capacity, int64_t *out_count) SNN_MUST_USE;

/* The learning rate of the next step; a schedule's as well. Setting one while a schedule runs is
 * SNN_ERROR_STATE. */
snn_status snn_trainer_get_learning_rate(snn_trainer *trainer, double *out_rate) SNN_MUST_USE;
snn_status snn_trainer_set_learning_rate(snn_trainer *trainer, double rate) SNN_MUST_USE;

/* Trains for some steps at learning rates from small to large and tells where the loss falls (Smith
 * 2017), as JSON: {rates, losses, smoothed: lists of a number for each step, suggestion: the rate at
 * which the smoothed loss fell the fastest, or null}. Weights, optimizer and position are then as
 * they were, after an error too. Options: start (1e-7), end (10), steps (100), batch_size (32),
 * smoothing (0.98: what remains of the mean loss in a step), stop_factor (4: ends when the smoothed
 * loss is as many times the least), shuffle (true). A loss that is not finite ends it; in the first
 * step it is SNN_ERROR_NUMERIC. A query for the length searches; the same call after it is given what
 * was found. */
snn_status snn_trainer_find_learning_rate(snn_trainer *trainer, snn_dataset *dataset,
                                          const char *options, char *out_text, int64_t capacity,
                                          int64_t *out_length) SNN_MUST_USE;

/* The same with on_batch_end of callbacks (which may be NULL) told after each step. Where it answers
 * another number than 0 the search ends with what was seen so far, and the call returns
 * SNN_STOPPED. */
snn_status snn_trainer_find_learning_rate_told(snn_trainer *trainer, snn_dataset *dataset,
                                               const char *options,
                                               const snn_fit_callbacks *callbacks, char *out_text,
                                               int64_t capacity,
                                               int64_t *out_length) SNN_MUST_USE;

/* Where the trainer stands: the epoch, the batch within it that comes next, and the steps done. */
snn_status snn_trainer_get_position(snn_trainer *trainer, int64_t *out_epoch, int64_t *out_batch,
                                    int64_t *out_step) SNN_MUST_USE;

/* Keras's History.history as JSON: {"loss": [one number an epoch], "accuracy": [...], ...}; a metric
 * of several numbers has a list of them an epoch. */
snn_status snn_trainer_get_history(snn_trainer *trainer, char *out_text, int64_t capacity,
                                   int64_t *out_length) SNN_MUST_USE;

/* Where the callbacks of the last fit, or of the one that is paused, stand, as JSON: a list of
 * {class_name, state} in their order. State is null, or of EarlyStopping wait, best (null before
 * there is one), best_epoch, stopped_epoch (from 0); of ReduceLROnPlateau wait, cooldown_counter,
 * best; of ModelCheckpoint best; and what else a resumed fit needs of them. */
snn_status snn_trainer_get_callbacks(snn_trainer *trainer, char *out_text, int64_t capacity,
                                     int64_t *out_length) SNN_MUST_USE;

/* The trainer as JSON for programs, in the form of snn_trainer_create's options: {optimizer:
 * {class_name, config}, loss, loss_weights, metrics}, the learning rate being the present one. */
snn_status snn_trainer_describe(snn_trainer *trainer, char *out_text, int64_t capacity,
                                int64_t *out_length) SNN_MUST_USE;

/* Model and training state in one file: optimizer, step, epoch, position in the data, metric
 * sums, history. Training resumed from it ends with the same bytes as training that never
 * stopped. It is a model file too: Keras and snn_model_load open it. Options as in
 * snn_model_save. */
snn_status snn_trainer_save(snn_trainer *trainer, const char *path,
                            const char *options) SNN_MUST_USE;
snn_status snn_trainer_save_memory(snn_trainer *trainer, const char *options, void *out_data,
                                   int64_t capacity, int64_t *out_length) SNN_MUST_USE;

/* Reads both back. Options as in snn_model_load, and threads and scale of snn_trainer_create. A
 * model that Keras compiled and saved gets a trainer with its loss, metrics and optimizer, which
 * begins anew; a file that says nothing of training is SNN_ERROR_STATE. */
snn_status snn_trainer_load(const char *path, const char *options, snn_model **out_model,
                            snn_trainer **out_trainer) SNN_MUST_USE;
snn_status snn_trainer_load_memory(const void *data, int64_t length, const char *options,
                                   snn_model **out_model, snn_trainer **out_trainer) SNN_MUST_USE;

/* ------------------------------------------------------------------ the exact fit ---- */

/* A linear model, y = coefficients · x + intercept, fitted exactly by least squares, in double:
 * Householder's QR factorization, block by block, so that a data set may be larger than memory.
 * float64 arrays are taken as they are. Options: fit_intercept (true), alpha (0: least squares; the
 * penalty alpha |coefficients|^2 of ridge regression, a number or a list of one for each output; the
 * intercept is free), rcond (null: 2^-52 times the larger of the numbers of samples and features; a
 * singular value of the inputs, centred where there is an intercept, counts as 0 when it is at most
 * this share of the largest; 0 keeps all), scale_columns (true: the rank is judged with the inputs'
 * columns scaled to about unit norm, so that a feature's unit does not matter; false: as they are,
 * as numpy's lstsq does), forgetting_factor (1: see snn_linear_update), threads (0: the process's). */
snn_status snn_linear_create(const char *options, snn_linear **out_linear) SNN_MUST_USE;
snn_status snn_linear_free(snn_linear *linear);

/* Fits to inputs [samples, ...] and targets [samples, ...], whose other axes count as one of features
 * and one of outputs; sample_weight [samples], at least 0, may be NULL. What was fitted before is
 * forgotten. SNN_RANK_DEFICIENT when the samples do not determine the coefficients of an output
 * without a penalty: they are then those of least norm. A number that is not finite is
 * SNN_ERROR_NUMERIC. */
snn_status snn_linear_fit(snn_linear *linear, const snn_array *inputs, const snn_array *targets,
                          const snn_array *sample_weight) SNN_MUST_USE;

/* The same for a data set of one input and one target, read block by block. */
snn_status snn_linear_fit_dataset(snn_linear *linear, snn_dataset *dataset) SNN_MUST_USE;

/* Takes more samples in, one or many, in their order (recursive least squares); also the first ones.
 * Each first multiplies the weight of all before it by the forgetting factor, above 0 and at most 1.
 * The coefficients are solved for when they are next asked for; snn_linear_get_counts tells the rank.
 * A sample costs about 3 (features + 1)^2 operations, and no memory. */
snn_status snn_linear_update(snn_linear *linear, const snn_array *inputs, const snn_array *targets,
                             const snn_array *sample_weight) SNN_MUST_USE;

/* Predicts [samples, outputs]; capacity and count are in doubles. Before a fit or an update this and
 * the getters are SNN_ERROR_STATE. */
snn_status snn_linear_predict(snn_linear *linear, const snn_array *inputs, double *out_values,
                              int64_t capacity, int64_t *out_count) SNN_MUST_USE;

/* [outputs, features]; and one number for each output, 0 without an intercept. */
snn_status snn_linear_get_coefficients(snn_linear *linear, double *out_values, int64_t capacity,
                                       int64_t *out_count) SNN_MUST_USE;
snn_status snn_linear_get_intercept(snn_linear *linear, double *out_values, int64_t capacity,
                                    int64_t *out_count) SNN_MUST_USE;

/* The singular values of the inputs as they are (weighted, and centred where there is an intercept),
 * largest first, one for each feature. Computed at each call. */
snn_status snn_linear_get_singular_values(snn_linear *linear, double *out_values, int64_t capacity,
                                          int64_t *out_count) SNN_MUST_USE;

/* For each output the weighted sum of the squares of what the model leaves. */
snn_status snn_linear_get_residual_sums_of_squares(snn_linear *linear, double *out_values,
                                                   int64_t capacity,
                                                   int64_t *out_count) SNN_MUST_USE;

/* How many there are, and the rank of the inputs. */
snn_status snn_linear_get_counts(snn_linear *linear, int64_t *out_features, int64_t *out_outputs,
                                 int64_t *out_samples, int64_t *out_rank) SNN_MUST_USE;

/* Sets kernel and bias of the model's last layer, a Dense without an activation (another one is
 * SNN_ERROR_UNSUPPORTED), to those with the least squares over what the layers before it give in
 * prediction, whose weights stay. Targets have the shape of the model's output. Options: alpha,
 * rcond, scale_columns and threads of snn_linear_create, and batch_size (256: rows that go through
 * the model at once). SNN_RANK_DEFICIENT as in snn_linear_fit. */
snn_status snn_model_fit_last_layer(snn_model *model, snn_dataset *dataset,
                                    const char *options) SNN_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif /* SWIFTNN_H */

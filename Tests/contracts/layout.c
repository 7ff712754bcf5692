/* What a program compiled against version 0.1 expects of the public structs and numbers. A line
 * here changes only together with the soname; a new field comes at a struct's end, with its line. */
#include <stddef.h>

#include "swiftnn.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type)
#define FIELD(type, field, at) \
    _Static_assert(offsetof(type, field) == (at), "place of " #type "." #field)
#define NUMBER(name, value) _Static_assert((name) == (value), #name)

SIZE(snn_status, 4);
SIZE(snn_dtype, 4);

SIZE(snn_array, 32);
FIELD(snn_array, struct_size, 0);
FIELD(snn_array, dtype, 8);
FIELD(snn_array, rank, 12);
FIELD(snn_array, shape, 16);
FIELD(snn_array, data, 24);

SIZE(snn_progress, 80);
FIELD(snn_progress, struct_size, 0);
FIELD(snn_progress, epoch, 8);
FIELD(snn_progress, epochs, 16);
FIELD(snn_progress, batch, 24);
FIELD(snn_progress, batches, 32);
FIELD(snn_progress, step, 40);
FIELD(snn_progress, value_count, 48);
FIELD(snn_progress, names, 56);
FIELD(snn_progress, values, 64);
FIELD(snn_progress, stopping, 72);

SIZE(snn_fit_callbacks, 72);
FIELD(snn_fit_callbacks, struct_size, 0);
FIELD(snn_fit_callbacks, on_batch_end, 8);
FIELD(snn_fit_callbacks, on_epoch_end, 16);
FIELD(snn_fit_callbacks, user, 24);
FIELD(snn_fit_callbacks, on_train_begin, 32);
FIELD(snn_fit_callbacks, on_train_end, 40);
FIELD(snn_fit_callbacks, on_epoch_begin, 48);
FIELD(snn_fit_callbacks, on_batch_begin, 56);
FIELD(snn_fit_callbacks, on_test_batch_end, 64);

SIZE(snn_layer_build, 56);
FIELD(snn_layer_build, struct_size, 0);
FIELD(snn_layer_build, state, 8);
FIELD(snn_layer_build, input_count, 16);
FIELD(snn_layer_build, input_ranks, 24);
FIELD(snn_layer_build, input_shapes, 32);
FIELD(snn_layer_build, out_text, 40);
FIELD(snn_layer_build, capacity, 48);

SIZE(snn_layer_call, 136);
FIELD(snn_layer_call, struct_size, 0);
FIELD(snn_layer_call, state, 8);
FIELD(snn_layer_call, rows, 16);
FIELD(snn_layer_call, training, 24);
FIELD(snn_layer_call, input_count, 28);
FIELD(snn_layer_call, input_ranks, 32);
FIELD(snn_layer_call, input_shapes, 40);
FIELD(snn_layer_call, inputs, 48);
FIELD(snn_layer_call, weight_count, 56);
FIELD(snn_layer_call, output_rank, 60);
FIELD(snn_layer_call, output_shape, 64);
FIELD(snn_layer_call, weights, 72);
FIELD(snn_layer_call, output, 80);
FIELD(snn_layer_call, saved, 88);
FIELD(snn_layer_call, seed, 96);
FIELD(snn_layer_call, output_gradient, 104);
FIELD(snn_layer_call, input_gradients, 112);
FIELD(snn_layer_call, weight_gradients, 120);
FIELD(snn_layer_call, confirmation, 128);

SIZE(snn_layer_callbacks, 48);
FIELD(snn_layer_callbacks, struct_size, 0);
FIELD(snn_layer_callbacks, forward, 8);
FIELD(snn_layer_callbacks, backward, 16);
FIELD(snn_layer_callbacks, build, 24);
FIELD(snn_layer_callbacks, create, 32);
FIELD(snn_layer_callbacks, destroy, 40);

NUMBER(SNN_OK, 0);
NUMBER(SNN_STOPPED, 1);
NUMBER(SNN_RANK_DEFICIENT, 2);
NUMBER(SNN_PAUSED, 3);
NUMBER(SNN_ERROR_ARGUMENT, -1);
NUMBER(SNN_ERROR_HANDLE, -2);
NUMBER(SNN_ERROR_BUSY, -3);
NUMBER(SNN_ERROR_STATE, -4);
NUMBER(SNN_ERROR_SHAPE, -5);
NUMBER(SNN_ERROR_CONFIGURATION, -6);
NUMBER(SNN_ERROR_UNSUPPORTED, -7);
NUMBER(SNN_ERROR_NUMERIC, -8);
NUMBER(SNN_ERROR_MEMORY, -9);
NUMBER(SNN_ERROR_IO, -10);
NUMBER(SNN_ERROR_FORMAT, -11);
NUMBER(SNN_ERROR_CHECKSUM, -12);
NUMBER(SNN_ERROR_LIMIT, -13);
NUMBER(SNN_ERROR_INTERNAL, -14);
NUMBER(SNN_LOG_DEBUG, 0);
NUMBER(SNN_LOG_INFO, 1);
NUMBER(SNN_LOG_WARNING, 2);
NUMBER(SNN_LOG_ERROR, 3);
NUMBER(SNN_FLOAT32, 0);
NUMBER(SNN_FLOAT64, 1);
NUMBER(SNN_UINT8, 2);
NUMBER(SNN_INT32, 3);
NUMBER(SNN_INT64, 4);

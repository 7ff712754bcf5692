/* Makes each kind of object fail at its creation, at a place at which some of it was made. Prints how
 * often that was not refused. */
#include <stdio.h>
#include <string.h>

#include "swiftnn.h"

static int others;

static void refused(snn_status status) { others += status >= 0; }

/* A model that needs more memory than there is, or the same without weights. */
static snn_model *make(const char *units) {
    snn_model *model = NULL;
    int32_t tensor;
    others += snn_model_create("{class_name: 'Sequential'}", &model) != SNN_OK;
    others += snn_model_add_layer(model, "InputLayer", "{shape: [1048576]}", NULL, 0, &tensor);
    others += snn_model_add_layer(model, "Dense", units, NULL, 0, &tensor);
    return model;
}

int main(void) {
    snn_model *large = make("{units: 1000000}"), *small = make("{units: 1}"), *model;
    snn_session *session;
    snn_trainer *trainer;
    snn_dataset *data;
    snn_linear *linear;
    int64_t count, of;
    int i;
    for (i = 0; i < 5; i++) {
        refused(snn_model_get_parameter_count(large, &count, &of));
        refused(snn_session_create(large, NULL, &session));
        refused(snn_session_create(small, "{threads: -1}", &session));
        refused(snn_trainer_create(large, "{loss: 'mse'}", &trainer));
        refused(snn_trainer_create(small, "{loss: 'nonsense'}", &trainer));
        refused(snn_trainer_create(small, "{loss: 'mse', optimizer: 'adam', unknown: 1}", &trainer));
        refused(snn_model_create("{class_name: 'nonsense'}", &model));
        refused(snn_model_create("{name: ''}", &model));
        refused(snn_model_create_from_json("{class_name: 'Sequential', config: {}}", NULL, &model));
        refused(snn_model_load("/nonexistent/model.h5", NULL, &model));
        refused(snn_model_load("/", NULL, &model));
        refused(snn_model_load_memory("no file at all", 14, NULL, &model));
        refused(snn_trainer_load_memory("no file at all", 14, NULL, &model, &trainer));
        refused(snn_dataset_open("/nonexistent/data.h5", NULL, &data));
        refused(snn_dataset_open("/dev/null", NULL, &data));
        refused(snn_linear_create("{alpha: -1}", &linear));
    }
    others += snn_model_free(small) != SNN_OK || snn_model_free(large) != SNN_OK;
    printf("%d\n", others);
    return 0;
}

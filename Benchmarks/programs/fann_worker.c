/* FANN's prediction of one sample: the network of the row, with FANN's cheapest activations that
 * make sense: FANN_LINEAR_PIECE (a clipped line, the nearest it has to relu) and FANN_LINEAR. */
#define _POSIX_C_SOURCE 200809L

#include <floatfann.h>

#include "worker.h"

enum { MAX_LAYERS = 16 };

static struct fann *network;
static float *input;

static int prepare(char *reply, size_t capacity) {
    unsigned int units[MAX_LAYERS], layers = 0;
    const char *rest = text("dense");
    while (*rest != '\0' && layers < MAX_LAYERS) {
        char *end;
        units[layers++] = (unsigned int)strtoul(rest, &end, 10);
        rest = *end == ',' ? end + 1 : end;
    }
    network = layers < 2 ? NULL : fann_create_standard_array(layers, units);
    if (network == NULL) {
        snprintf(reply, capacity, "FANN has dense networks only");
        return -1;
    }
    fann_set_activation_function_hidden(network, FANN_LINEAR_PIECE);
    fann_set_activation_function_output(network, FANN_LINEAR);
    input = random_numbers(units[0]);
    return 0;
}

static void call(void) { fann_run(network, input); }

static void release(void) {
    if (network != NULL) fann_destroy(network);
    free(input);
    network = NULL;
    input = NULL;
}

int main(void) {
    return serve("libfloatfann, FANN_LINEAR_PIECE and FANN_LINEAR");
}

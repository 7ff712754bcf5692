/* Saves and loads a small model under the faults of inject.c; run.py judges what is left.
 *
 *   save_load save PATH N   saves a model whose kernel is N everywhere over PATH
 *   save_load load PATH     loads PATH
 *   save_load loop PATH N   saves N, N + 1, ... until it is killed; a line for each that is done
 *
 * Prints "<status> <number in the kernel, or -1> <message>". Exits with 0, with 3 when the call
 * left a file open, with 2 when the test itself cannot run. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "swiftnn.h"

/* Of inject.c, where it is loaded. */
extern void fault_arm(int on) __attribute__((weak));

static void arm(int on) {
    if (fault_arm) fault_arm(on);
}

enum { KERNEL_COUNT = 4 * 3 };

static void require(snn_status status) {
    if (status == SNN_OK) return;
    fprintf(stderr, "unexpected: %s: %s\n", snn_status_name(status), snn_last_error());
    exit(2);
}

static void set_number(snn_model *model, int64_t number) {
    float kernel[KERNEL_COUNT];
    for (int index = 0; index < KERNEL_COUNT; index++) kernel[index] = (float)number;
    require(snn_model_set_variable(model, "dense/kernel", kernel, KERNEL_COUNT));
}

static int64_t get_number(snn_model *model) {
    float kernel[KERNEL_COUNT];
    int64_t count = 0;
    require(snn_model_get_variable(model, "dense/kernel", kernel, KERNEL_COUNT, &count));
    for (int index = 1; index < KERNEL_COUNT; index++) {
        if (kernel[index] != kernel[0]) return -2;
    }
    return (int64_t)kernel[0];
}

static snn_model *make_model(int64_t number) {
    snn_model *model = NULL;
    int32_t tensor = 0;
    require(snn_model_create("{class_name: 'Sequential'}", &model));
    require(snn_model_add_layer(model, "InputLayer", "{shape: [4]}", NULL, 0, &tensor));
    require(snn_model_add_layer(model, "Dense", "{units: 3, name: 'dense'}", NULL, 0, &tensor));
    set_number(model, number);
    return model;
}

static int open_files(void) {
    DIR *list = opendir("/proc/self/fd");
    int count = 0;
    if (!list) return -1;
    while (readdir(list)) count++;
    closedir(list);
    return count;
}

static int report(snn_status status, int64_t number, int files_before) {
    const char *message = status == SNN_OK ? "" : snn_last_error();
    printf("%d %lld %s\n", (int)status, (long long)number, message);
    fflush(stdout);
    return open_files() == files_before ? 0 : 3;
}

static int save(const char *path, int64_t number) {
    snn_model *model = make_model(number);
    int files = open_files();
    arm(1);
    snn_status status = snn_model_save(model, path, NULL);
    arm(0);
    int result = report(status, number, files);
    require(snn_model_free(model));
    return result;
}

static int load(const char *path) {
    snn_model *model = NULL;
    int files = open_files();
    arm(1);
    snn_status status = snn_model_load(path, NULL, &model);
    arm(0);
    int result = report(status, status == SNN_OK ? get_number(model) : -1, files);
    require(snn_model_free(model));
    return result;
}

static void loop(const char *path, int64_t number) {
    snn_model *model = make_model(number);
    for (;; number++) {
        set_number(model, number);
        require(snn_model_save(model, path, NULL));
        printf("%lld\n", (long long)number);
        fflush(stdout);
    }
}

int main(int count, char **arguments) {
    if (count == 4 && !strcmp(arguments[1], "save")) return save(arguments[2], atoll(arguments[3]));
    if (count == 3 && !strcmp(arguments[1], "load")) return load(arguments[2]);
    if (count == 4 && !strcmp(arguments[1], "loop")) loop(arguments[2], atoll(arguments[3]));
    fprintf(stderr, "usage: save_load save PATH N | load PATH | loop PATH N\n");
    return 2;
}

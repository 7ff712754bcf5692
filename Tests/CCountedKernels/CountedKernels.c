#include "CCountedKernels.h"

#include <stddef.h>

/* A stub for each kernel that adds 1 to its count and jumps: arguments, whatever they are, stay
 * where they are. */
#define SNNK_FUNCTION(result, name, parameters)                                       \
    __attribute__((visibility("hidden"))) int64_t snnk_calls_of_##name;               \
    __attribute__((visibility("hidden"))) result(*snnk_real_##name) parameters;       \
    __attribute__((visibility("hidden"))) result snnk_counted_##name parameters;      \
    __asm__(".text\n.hidden snnk_counted_" #name "\n.globl snnk_counted_" #name       \
            "\n.type snnk_counted_" #name ",@function\nsnnk_counted_" #name ":\n"     \
            "incq snnk_calls_of_" #name "(%rip)\njmpq *snnk_real_" #name "(%rip)\n");
#include "../../Sources/CKernels/SNNKernelList.h"
#undef SNNK_FUNCTION

snnk_table snnk_counted_table(const snnk_table *real) {
    snnk_table table;
#define SNNK_FUNCTION(result, name, parameters) \
    snnk_calls_of_##name = 0;                   \
    snnk_real_##name = real->name;              \
    table.name = snnk_counted_##name;
#include "../../Sources/CKernels/SNNKernelList.h"
#undef SNNK_FUNCTION
    return table;
}

static const struct {
    const char *name;
    const int64_t *calls;
} kernels[] = {
#define SNNK_FUNCTION(result, name, parameters) {#name, &snnk_calls_of_##name},
#include "../../Sources/CKernels/SNNKernelList.h"
#undef SNNK_FUNCTION
};

enum { COUNT = sizeof kernels / sizeof kernels[0] };
_Static_assert(COUNT * sizeof(void *) == sizeof(snnk_table), "every kernel of the table");

const char *snnk_counted_name(int64_t index) {
    return index >= 0 && index < COUNT ? kernels[index].name : NULL;
}

int64_t snnk_counted_calls(int64_t index) {
    return index >= 0 && index < COUNT ? *kernels[index].calls : 0;
}

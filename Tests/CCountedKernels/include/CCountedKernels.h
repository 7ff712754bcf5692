/* A table of kernels that counts their calls: so a test can tell which kernels it has run. */
#pragma once

#include "../../../Sources/CKernels/CKernels.h"

/* A table whose kernels count and then go on to those of `real`. One at a time, on one thread. */
snnk_table snnk_counted_table(const snnk_table *real);

/* The kernels, in the order of SNNKernelList.h; NULL behind the last. */
const char *snnk_counted_name(int64_t index);
/* How often the kernel was called since the table was made. */
int64_t snnk_counted_calls(int64_t index);

/* libhdf5, and those of its names that are macros. */
#pragma once

#include <hdf5.h>

/* libhdf5, and those of its names that are macros, versioned, or callbacks. */
#pragma once

/* From 1.12 on the same names mean other structs; this keeps those of 1.10. */
#ifndef H5_USE_110_API
#define H5_USE_110_API
#endif
#include <fcntl.h>
#include <hdf5.h>
#include <string.h>

/* Types in memory. */
static inline hid_t snnh5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t snnh5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t snnh5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t snnh5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t snnh5_native_uint8(void) { return H5T_NATIVE_UINT8; }

/* Types in files, of one byte order on every machine. */
static inline hid_t snnh5_file_float(void) { return H5T_IEEE_F32LE; }
static inline hid_t snnh5_file_double(void) { return H5T_IEEE_F64LE; }
static inline hid_t snnh5_file_int64(void) { return H5T_STD_I64LE; }
static inline hid_t snnh5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t snnh5_string(void) { return H5T_C_S1; }
static inline size_t snnh5_variable_length(void) { return H5T_VARIABLE; }

/* Classes of property lists. */
static inline hid_t snnh5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t snnh5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t snnh5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t snnh5_dataset_create(void) { return H5P_DATASET_CREATE; }

static inline unsigned snnh5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned snnh5_truncate(void) { return H5F_ACC_TRUNC; }
static inline haddr_t snnh5_undefined_address(void) { return HADDR_UNDEF; }

/* Error printing is a property of the thread: to be called on every entry. */
static inline void snnh5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct snnh5_text {
    char *text;
    size_t capacity;
} snnh5_text;

static inline herr_t snnh5_take_innermost(unsigned index, const H5E_error2_t *error, void *data) {
    const snnh5_text *out = (const snnh5_text *)data;
    if (index == 0 && error && error->desc) {
        strncpy(out->text, error->desc, out->capacity - 1);
        out->text[out->capacity - 1] = 0;
    }
    return 0;
}

/* The innermost reason on this thread's error stack; "" without one. */
static inline void snnh5_last_error(char *text, size_t capacity) {
    snnh5_text out = {text, capacity};
    text[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, snnh5_take_innermost, &out);
}

/* libhdf5 opens files on disk such that programs that the host starts would inherit them. */
static inline void snnh5_close_on_exec(hid_t file) {
    void *descriptor = NULL;
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &descriptor) >= 0 && descriptor) {
        (void)fcntl(*(const int *)descriptor, F_SETFD, FD_CLOEXEC);
    }
}

/* H5L_TYPE_HARD and its siblings; negative when there is no such link. */
static inline int snnh5_link_type(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
    return (int)info.type;
}

/* H5O_TYPE_GROUP and its siblings; negative on failure. */
static inline int snnh5_object_type(hid_t group, const char *name) {
    H5O_info_t info;
    if (H5Oget_info_by_name(group, name, &info, H5P_DEFAULT) < 0) return -1;
    return (int)info.type;
}

typedef struct snnh5_visit {
    int32_t (*link)(const char *name, void *context);
    void *context;
} snnh5_visit;

static inline herr_t snnh5_visit_link(hid_t group, const char *name, const H5L_info_t *info,
                                      void *data) {
    const snnh5_visit *visit = (const snnh5_visit *)data;
    (void)group;
    (void)info;
    return visit->link(name, visit->context);
}

/* Calls `link` with the name of each link until it returns another value than 0. */
static inline int snnh5_iterate(hid_t group, int32_t (*link)(const char *, void *), void *context) {
    snnh5_visit visit = {link, context};
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, snnh5_visit_link, &visit);
}

/* An image that libhdf5 reads in place: its "copies" are the lent bytes themselves. */
typedef struct snnh5_lent {
    void *bytes;
    size_t count;
} snnh5_lent;

static inline void *snnh5_lent_malloc(size_t size, H5FD_file_image_op_t op, void *data) {
    const snnh5_lent *lent = (const snnh5_lent *)data;
    (void)op;
    return size <= lent->count ? lent->bytes : NULL;
}
static inline void *snnh5_lent_memcpy(void *to, const void *from, size_t size,
                                      H5FD_file_image_op_t op, void *data) {
    (void)size;
    (void)op;
    (void)data;
    return to == from ? to : NULL;
}
static inline void *snnh5_lent_realloc(void *bytes, size_t size, H5FD_file_image_op_t op,
                                       void *data) {
    (void)bytes;
    (void)size;
    (void)op;
    (void)data;
    return NULL;
}
static inline herr_t snnh5_lent_free(void *bytes, H5FD_file_image_op_t op, void *data) {
    (void)bytes;
    (void)op;
    (void)data;
    return 0;
}
static inline void *snnh5_same_data(void *data) { return data; }
static inline herr_t snnh5_keep_data(void *data) {
    (void)data;
    return 0;
}

/* Makes files opened with `access` be the lent bytes. They and `lent` must outlive the file. */
static inline herr_t snnh5_set_lent_image(hid_t access, snnh5_lent *lent) {
    H5FD_file_image_callbacks_t callbacks = {
        snnh5_lent_malloc, snnh5_lent_memcpy, snnh5_lent_realloc, snnh5_lent_free,
        snnh5_same_data,   snnh5_keep_data,   lent};
    if (H5Pset_fapl_core(access, 1 << 16, 0) < 0) return -1;
    if (H5Pset_file_image_callbacks(access, &callbacks) < 0) return -1;
    return H5Pset_file_image(access, lent->bytes, lent->count);
}

/* Makes files created with `access` live in memory of the caller's `reallocate`; `release` is told
 * when libhdf5 has let go of it. */
static inline herr_t snnh5_set_growing_image(
    hid_t access, size_t increment,
    void *(*allocate)(size_t, H5FD_file_image_op_t, void *),
    void *(*reallocate)(void *, size_t, H5FD_file_image_op_t, void *),
    herr_t (*release)(void *, H5FD_file_image_op_t, void *), void *data) {
    H5FD_file_image_callbacks_t callbacks = {
        allocate, snnh5_lent_memcpy, reallocate, release, snnh5_same_data, snnh5_keep_data, data};
    if (H5Pset_fapl_core(access, increment, 0) < 0) return -1;
    return H5Pset_file_image_callbacks(access, &callbacks);
}

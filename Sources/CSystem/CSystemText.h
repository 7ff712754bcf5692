/* Numbers as text, in the C locale whatever the host's is. */
#pragma once

#include <locale.h>
#include <stdio.h>

/* `value` as printf's %.<precision><kind> writes it, kind being e, f or g: the bytes written, fewer
 * than `capacity`, or -1. */
static inline int snnsys_format_double(char *out, size_t capacity, char kind, int precision,
                                       double value) {
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;
    int count;
    if (!locale) return -1;
    before = uselocale(locale);
    count = kind == 'e' ? snprintf(out, capacity, "%.*e", precision, value)
        : kind == 'f' ? snprintf(out, capacity, "%.*f", precision, value)
        : snprintf(out, capacity, "%.*g", precision, value);
    uselocale(before);
    freelocale(locale);
    return count >= 0 && (size_t)count < capacity ? count : -1;
}

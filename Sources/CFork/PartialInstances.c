#ifdef SNN_EMBEDDED
#include <stddef.h>

void swift_deallocPartialClassInstance(void *object, const void *metadata, size_t size, size_t mask);
void swift_deallocClassInstance(void *object, size_t size, size_t mask);

/* Gives back the memory of an object whose `init` threw before all its properties were set; those that
 * were are released by who calls this. It takes the place of Swift 6.3's own without a runtime, which
 * the linker knows as weak, and which keeps the memory for ever. An object of a subclass, of which the
 * library has none, stays as it does there. */
void swift_deallocPartialClassInstance(void *object, const void *metadata, size_t size, size_t mask) {
    if (*(void **)object == metadata) swift_deallocClassInstance(object, size, mask);
}
#endif

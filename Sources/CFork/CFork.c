#define _GNU_SOURCE
#include "CFork.h"

#include <pthread.h>

enum { HOOKS = 8 };

#define FRESH_LOCKS                                                                                \
    { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP }

static pthread_mutex_t locks[SNNF_LOCKS] = FRESH_LOCKS;
static void (*hooks[HOOKS])(void);
static int32_t hook_count;
int64_t snnf_forks;

void snnf_lock(int32_t lock) { pthread_mutex_lock(&locks[lock]); }

void snnf_unlock(int32_t lock) { pthread_mutex_unlock(&locks[lock]); }

void snnf_add_child_hook(void (*hook)(void)) {
    int32_t index = __atomic_fetch_add(&hook_count, 1, __ATOMIC_RELAXED);
    if (index < HOOKS) __atomic_store_n(&hooks[index], hook, __ATOMIC_RELEASE);
}

int64_t snnf_thread_number(void) {
    static __thread int64_t number;
    static int64_t last;
    if (number == 0) number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    return number;
}

static void before_fork(void) {
    for (int32_t lock = 0; lock < SNNF_LOCKS; lock++) snnf_lock(lock);
}

static void in_parent(void) {
    for (int32_t lock = SNNF_LOCKS - 1; lock >= 0; lock--) snnf_unlock(lock);
}

static void in_child(void) {
    /* Anew instead of unlocked: a recursive lock knows its owner by a number that the thread had in
     * the parent. */
    static const pthread_mutex_t fresh[SNNF_LOCKS] = FRESH_LOCKS;
    for (int32_t lock = 0; lock < SNNF_LOCKS; lock++) locks[lock] = fresh[lock];
    __atomic_fetch_add(&snnf_forks, 1, __ATOMIC_RELAXED);
    for (int32_t index = 0; index < HOOKS; index++) {
        void (*hook)(void) = __atomic_load_n(&hooks[index], __ATOMIC_ACQUIRE);
        if (hook) hook();
    }
}

/* When the library is loaded: registered later, another thread could be forking meanwhile. Without
 * memory for it only forking is less safe. */
__attribute__((constructor)) static void register_handlers(void) {
    (void)pthread_atfork(before_fork, in_parent, in_child);
}

#ifdef SNN_EMBEDDED
/* Runs `make` unless it was run for this token: what a `static let` of Swift is made by. This one
 * takes the place of the runtime's, which the linker knows as weak: there a child that was forked
 * while another thread was inside `make` would wait for that thread for ever. Here the fork waits. */
void swift_once(intptr_t *token, void (*make)(void *), void *context);

void swift_once(intptr_t *token, void (*make)(void *), void *context) {
    enum { MADE = -1, IN_MAKING = 1 };
    if (__builtin_expect(__atomic_load_n(token, __ATOMIC_ACQUIRE) == MADE, 1)) return;
    snnf_lock(SNNF_ONCE);
    if (*token == 0) {
        *token = IN_MAKING;
        make(context);
        __atomic_store_n(token, MADE, __ATOMIC_RELEASE);
    }
    snnf_unlock(SNNF_ONCE);
}
#endif

#define _GNU_SOURCE
#include "CFork.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HOOKS = 8, WAITED_FOR = 1 };

/* Of the C library's locks none says in the moment in which it is taken who has it, which a signal
 * handler that forks must know. */
typedef struct {
    uintptr_t holder; /* its thread, and whether others wait; 0: nobody */
    int32_t again;    /* how often the holder took it once more */
} fork_lock;

static fork_lock locks[SNNF_LOCKS];
static void (*hooks[HOOKS])(void);
static int32_t hook_count;
int64_t snnf_forks;

static int is_mine(fork_lock *lock) {
    return (__atomic_load_n(&lock->holder, __ATOMIC_RELAXED) & ~(uintptr_t)WAITED_FOR) == snnf_self();
}

static int take(fork_lock *lock, uintptr_t waited_for) {
    uintptr_t nobody = 0;
    return __atomic_compare_exchange_n(&lock->holder, &nobody, snnf_self() | waited_for, 0,
                                       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void wait_for(fork_lock *lock) {
    /* There may be more who wait: whoever was woken says so too. */
    while (!take(lock, WAITED_FOR)) {
        uintptr_t holder = __atomic_load_n(&lock->holder, __ATOMIC_RELAXED);
        uintptr_t waited_for = holder | WAITED_FOR;
        if (holder != 0 && (holder == waited_for ||
                            __atomic_compare_exchange_n(&lock->holder, &holder, waited_for, 0,
                                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)))
            /* The word's low half, which comes first in memory. */
            syscall(SYS_futex, &lock->holder, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, (uint32_t)waited_for,
                    NULL, NULL, 0);
    }
}

void snnf_lock(int32_t index) {
    fork_lock *lock = &locks[index];
    if (is_mine(lock)) lock->again++;
    else if (!take(lock, 0)) wait_for(lock);
}

void snnf_unlock(int32_t index) {
    fork_lock *lock = &locks[index];
    if (lock->again > 0) lock->again--;
    else if (__atomic_exchange_n(&lock->holder, 0, __ATOMIC_RELEASE) & WAITED_FOR)
        syscall(SYS_futex, &lock->holder, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

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
    int is_inside = 0;
    for (int32_t lock = 0; lock < SNNF_LOCKS; lock++) is_inside |= is_mine(&locks[lock]);
    for (int32_t lock = 0; lock < SNNF_LOCKS; lock++) {
        /* Who has one that comes before may be waiting for one that this thread has. */
        if (is_inside && !is_mine(&locks[lock])) (void)take(&locks[lock], 0);
        else snnf_lock(lock);
    }
}

static void in_parent(void) {
    for (int32_t lock = SNNF_LOCKS - 1; lock >= 0; lock--)
        if (is_mine(&locks[lock])) snnf_unlock(lock);
}

static void in_child(void) {
    in_parent();
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

/* What keeps the library whole in the child of a fork(), which has one thread of its parent's and the
 * memory of them all. */
#pragma once

#include <stdint.h>

/* Locks that are taken before a fork, in this order, and given back after it on both sides: what they
 * guard is not half changed in a child, unless the forking thread itself is changing it. So who holds
 * one may take those behind it only, or again one that it has.
 *
 * A thread forks while it has one in a signal handler only, or in what is run once. It is let
 * through, with those of the others that nobody has, and has what it had on both sides; a child from
 * a signal handler is for exec() or _exit(). */
enum {
    SNNF_FILES,   /* libhdf5 */
    SNNF_PROCESS, /* what the whole process shares */
    SNNF_ONCE,    /* what is made once */
    SNNF_LOCKS
};

void snnf_lock(int32_t lock);
void snnf_unlock(int32_t lock);

/* Has `hook` called in each child, before fork() returns there. At most eight of them. It takes no
 * lock and no memory: who forks may have been anywhere. */
void snnf_add_child_hook(void (*hook)(void));

extern int64_t snnf_forks;

/* How many forks lie between this process and the one that loaded the library. */
static inline int64_t snnf_generation(void) {
    return __atomic_load_n(&snnf_forks, __ATOMIC_RELAXED);
}

/* Which of the process's threads this is: an even number that the thread keeps in the child that it
 * forks, and that another may have after it. One instruction. */
static inline uintptr_t snnf_self(void) { return (uintptr_t)__builtin_thread_pointer(); }

/* A number from 1 on that no other thread of this process or of its parents ever had; the thread keeps
 * it in the child that it forks. */
int64_t snnf_thread_number(void);

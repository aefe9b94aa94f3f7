// A system that gives no more threads: with this in LD_PRELOAD, none can be started while the file
// REFUSED_THREADS exists. (A limit of processes would do the same, but binds nobody who is root.)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*Start)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*),
                   void* argument) {
    const char* const name = getenv("REFUSED_THREADS");
    if (name != NULL && access(name, F_OK) == 0) return EAGAIN;
    return ((Start)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, work, argument);
}

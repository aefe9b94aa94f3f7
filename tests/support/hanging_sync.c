// A disk that hangs: with this in LD_PRELOAD, every sync waits for as long as the file HANGING_SYNC
// exists, and writes into it that one does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void hang(void) {
    const char* const name = getenv("HANGING_SYNC");
    const struct timespec pause = {0, 20 * 1000 * 1000};
    for (;;) {
        const int file = name == NULL ? -1 : open(name, O_WRONLY);
        if (file < 0) return;
        const ssize_t written = write(file, "hangs", 5);
        close(file);
        if (written < 0) abort();
        nanosleep(&pause, NULL);
    }
}

int fsync(int file) {
    hang();
    int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(file);
}

int fdatasync(int file) {
    hang();
    int (*const real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return real(file);
}

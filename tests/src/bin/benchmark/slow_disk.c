/* Every flush takes five milliseconds longer, one after the other as a disk does it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

int fdatasync(int fd) {
    int (*flush)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    usleep(5000);
    return flush(fd);
}

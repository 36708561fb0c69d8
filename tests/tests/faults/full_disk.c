/* A disk that is full while the file DISK/full is there: no file in DISK grows. What a file has can be
   written over, as on any full disk, and what a program says (its output and errors) goes through. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (next == NULL) \
        next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static bool is_below(int fd) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length >= (ssize_t)sizeof DISK && memcmp(path, DISK "/", sizeof DISK) == 0;
}

/* at < 0: where the file stands */
static bool is_full(int fd, off_t at, size_t bytes) {
    if (fd <= STDERR_FILENO)
        return false;
    int before = errno;
    struct stat file;
    bool full = access(DISK "/full", F_OK) == 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode);
    if (full && at < 0)
        at = lseek(fd, 0, SEEK_CUR);
    full = full && at + (off_t)bytes > file.st_size && is_below(fd);
    errno = full ? ENOSPC : before;
    return full;
}

ssize_t write(int fd, const void *from, size_t bytes) {
    NEXT(write);
    return is_full(fd, -1, bytes) ? -1 : next(fd, from, bytes);
}

ssize_t pwrite(int fd, const void *from, size_t bytes, off_t at) {
    NEXT(pwrite);
    return is_full(fd, at, bytes) ? -1 : next(fd, from, bytes, at);
}

ssize_t pwritev(int fd, const struct iovec *from, int count, off_t at) {
    NEXT(pwritev);
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += from[i].iov_len;
    return is_full(fd, at, bytes) ? -1 : next(fd, from, count, at);
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *to) {
    NEXT(fwrite);
    return is_full(fileno(to), -1, size * count) ? 0 : next(from, size, count, to);
}

int posix_fallocate(int fd, off_t at, off_t bytes) {
    NEXT(posix_fallocate);
    return is_full(fd, at, (size_t)bytes) ? ENOSPC : next(fd, at, bytes);
}

/* the same, as they are called where offsets of 64 bits were asked for */
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));

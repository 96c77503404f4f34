// Stands between the program and the C library (LD_PRELOAD) and lets file calls under one folder, and what is sent to a
// database, fail, be torn, kill the process, or be written down. What happens is said in a file that the test maps as well
// (struct orders), so that a running program can be told.
//
// FAULT_ORDERS  the file with the orders
// FAULT_UNDER   folders whose files count, separated by ':'; all others are left alone
// FAULT_PORT    port on which a database listens; what is sent there counts
// FAULT_RECORD  file to which every counted call that succeeded is written, in the order in which they took effect

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum op { WRITE = 1, SYNC = 2, NAME = 4, CUT = 8, OPEN = 16, SEND = 32 };
enum what { NOTHING = 0, KILL_BEFORE = 1, KILL_TORN = 2, KILL_AFTER = 3, FAIL = 4, SHORT = 5 };

struct orders {
    _Atomic uint64_t counted;   // calls of the chosen kinds so far
    _Atomic uint64_t at;        // the call to act on; 0: none
    _Atomic uint32_t kinds;     // bits of enum op that count
    _Atomic uint32_t what;      // enum what
    _Atomic uint32_t error;     // errno of FAIL
    _Atomic uint32_t for_good;  // also at every later call
    _Atomic uint64_t hits;      // how often it was acted on
    _Atomic uint64_t recorded;  // bytes of the record so far
};

static struct orders *orders;
static char *under;
static int record = -1;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

#define MOST_FILES 65536
static char *names[MOST_FILES];  // by descriptor; only files that count
static char sockets[MOST_FILES]; // whether it is a connection to the database
static int port;

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REAL(name) \
    ({ static __typeof__(&name) real; if (!real) real = NEXT(name); real; })

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULT_ORDERS");
    under = getenv("FAULT_UNDER");
    if (!path || !under) return;
    int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) abort();
    orders = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REAL(close)(fd);
    if (orders == MAP_FAILED) abort();
    const char *to = getenv("FAULT_RECORD");
    const char *database = getenv("FAULT_PORT");
    if (database) port = atoi(database);
    if (to) record = REAL(open)(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int counts(const char *path) {
    if (!orders || !path) return 0;
    for (const char *at = under; *at;) {
        size_t length = strcspn(at, ":");
        if (strncmp(path, at, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
        at += length + (at[length] == ':');
    }
    return 0;
}

// The whole path, as far as it can be told.
static const char *whole(int dir, const char *path, char *room) {
    if (!path) return NULL;
    if (path[0] == '/') return path;
    char link[64], base[PATH_MAX];
    if (dir == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return NULL;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return NULL;
        base[length] = 0;
    }
    int n = snprintf(room, PATH_MAX, "%s/%s", base, path);
    if (n < 0 || n >= PATH_MAX) return NULL;
    return room;
}

static const char *name_of(int fd) { return fd >= 0 && fd < MOST_FILES ? names[fd] : NULL; }

static void opened(int fd, const char *path) {
    if (fd < 0 || fd >= MOST_FILES) return;
    sockets[fd] = 0;
    char *was = names[fd];
    names[fd] = counts(path) ? strdup(path) : NULL;
    free(was);
}

// What is to be done at this call.
static enum what asked(enum op op) {
    if (!(atomic_load(&orders->kinds) & op)) return NOTHING;
    uint64_t at = atomic_load(&orders->at), now = atomic_fetch_add(&orders->counted, 1) + 1;
    if (at == 0 || (now != at && !(now > at && atomic_load(&orders->for_good)))) return NOTHING;
    atomic_fetch_add(&orders->hits, 1);
    return atomic_load(&orders->what);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// One line of the record: what, where, how much, and the bytes. `other` is the second name of a renaming.
static void note(char kind, const char *path, const char *other, uint64_t offset, const void *bytes, uint64_t length) {
    if (record < 0) return;
    char head[2 * PATH_MAX + 128];
    int n = snprintf(head, sizeof head, "%c\t%llu\t%llu\t%s\t%s\n", kind, (unsigned long long)offset,
                     (unsigned long long)length, path, other ? other : "");
    struct iovec parts[2] = {{head, (size_t)n}, {(void *)bytes, bytes ? length : 0}};
    ssize_t written = REAL(writev)(record, parts, bytes ? 2 : 1);
    if (written < 0) abort();
    atomic_fetch_add(&orders->recorded, (uint64_t)written);
}

#define REFUSED(fault) if ((fault) == FAIL) { pthread_mutex_unlock(&order); errno = (int)atomic_load(&orders->error); return -1; }
#define BEFORE(op) \
    pthread_mutex_lock(&order); \
    enum what fault = asked(op); \
    if (fault == KILL_BEFORE) die(); \
    REFUSED(fault)
#define AFTER(result) \
    if (fault == KILL_AFTER || fault == KILL_TORN) die(); \
    int kept = errno; \
    pthread_mutex_unlock(&order); \
    errno = kept; \
    return result

int connect(int fd, const struct sockaddr *to, socklen_t length) {
    int done = REAL(connect)(fd, to, length);
    int there = port && length >= sizeof(struct sockaddr_in) && to->sa_family == AF_INET
        && ntohs(((const struct sockaddr_in *)to)->sin_port) == port;
    if (orders && there && fd >= 0 && fd < MOST_FILES) sockets[fd] = 1;
    return done;
}

static int to_database(int fd) { return fd >= 0 && fd < MOST_FILES && sockets[fd]; }

static ssize_t sent(int fd, const void *bytes, size_t length, int flags) {
    BEFORE(SEND);
    size_t some = (fault == KILL_TORN || fault == SHORT) && length > 1 ? length / 2 : length;
    ssize_t done = REAL(send)(fd, bytes, some, flags);
    AFTER(done);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    return to_database(fd) ? sent(fd, bytes, length, flags) : REAL(send)(fd, bytes, length, flags);
}

static ssize_t put(int fd, const void *bytes, size_t length, off_t offset, int placed) {
    const char *name = name_of(fd);
    if (!placed && to_database(fd)) return sent(fd, bytes, length, MSG_NOSIGNAL);
    if (!name) return placed ? REAL(pwrite64)(fd, bytes, length, offset) : REAL(write)(fd, bytes, length);
    BEFORE(WRITE);
    size_t some = (fault == KILL_TORN || fault == SHORT) && length > 1 ? length / 2 : length;
    ssize_t done = placed ? REAL(pwrite64)(fd, bytes, some, offset) : REAL(write)(fd, bytes, some);
    if (done > 0) note('w', name, NULL, placed ? (uint64_t)offset : (uint64_t)(lseek(fd, 0, SEEK_CUR) - done), bytes, (uint64_t)done);
    AFTER(done);
}

ssize_t write(int fd, const void *bytes, size_t length) { return put(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return put(fd, bytes, length, offset, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return put(fd, bytes, length, offset, 1); }

static ssize_t put_all(int fd, const struct iovec *parts, int n, off_t offset, int placed) {
    ssize_t all = 0;
    for (int i = 0; i < n; i++) {
        if (parts[i].iov_len == 0) continue;
        ssize_t done = put(fd, parts[i].iov_base, parts[i].iov_len, offset + all, placed);
        if (done < 0) return all > 0 ? all : -1;
        all += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return all;
}

ssize_t writev(int fd, const struct iovec *parts, int n) {
    return name_of(fd) || to_database(fd) ? put_all(fd, parts, n, 0, 0) : REAL(writev)(fd, parts, n);
}
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t offset) {
    return name_of(fd) ? put_all(fd, parts, n, offset, 1) : REAL(pwritev)(fd, parts, n, offset);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t offset) {
    return name_of(fd) ? put_all(fd, parts, n, offset, 1) : REAL(pwritev64)(fd, parts, n, offset);
}

static int flushed(int fd, int data) {
    const char *name = name_of(fd);
    if (!name) return data ? REAL(fdatasync)(fd) : REAL(fsync)(fd);
    BEFORE(SYNC);
    int done = data ? REAL(fdatasync)(fd) : REAL(fsync)(fd);
    if (done == 0) note('s', name, NULL, 0, NULL, 0);
    AFTER(done);
}
int fsync(int fd) { return flushed(fd, 0); }
int fdatasync(int fd) { return flushed(fd, 1); }

static int cut(int fd, off64_t length) {
    const char *name = name_of(fd);
    if (!name) return REAL(ftruncate64)(fd, length);
    BEFORE(CUT);
    int done = REAL(ftruncate64)(fd, length);
    if (done == 0) note('t', name, NULL, (uint64_t)length, NULL, 0);
    AFTER(done);
}
int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

static int room(int fd, off64_t offset, off64_t length, int answered) {
    const char *name = name_of(fd);
    if (!name) return answered ? REAL(posix_fallocate64)(fd, offset, length) : REAL(fallocate64)(fd, 0, offset, length);
    BEFORE(CUT);
    int done = answered ? REAL(posix_fallocate64)(fd, offset, length) : REAL(fallocate64)(fd, 0, offset, length);
    if (done == 0) note('f', name, NULL, (uint64_t)offset, NULL, (uint64_t)length);
    AFTER(done);
}
int posix_fallocate(int fd, off_t offset, off_t length) { return room(fd, offset, length, 1); }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return room(fd, offset, length, 1); }

static int open_any(int dir, const char *path, int flags, mode_t mode) {
    char space[PATH_MAX];
    const char *name = orders ? whole(dir, path, space) : NULL;
    if (!counts(name)) {
        int fd = REAL(openat64)(dir, path, flags, mode);
        opened(fd, NULL);
        return fd;
    }
    int there = REAL(faccessat)(dir, path, F_OK, 0) == 0;
    int changes = (flags & O_CREAT && !there) || (flags & O_TRUNC);
    pthread_mutex_lock(&order);
    enum what fault = changes ? asked(OPEN) : NOTHING;
    if (fault == KILL_BEFORE) die();
    REFUSED(fault)
    int fd = REAL(openat64)(dir, path, flags, mode);
    opened(fd, name);
    if (fd >= 0 && flags & O_CREAT && !there) note('c', name, NULL, 0, NULL, 0);
    else if (fd >= 0 && flags & O_TRUNC) note('t', name, NULL, 0, NULL, 0);
    AFTER(fd);
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }
int open(const char *path, int flags, ...) { MODE return open_any(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_any(AT_FDCWD, path, flags, mode); }
int openat(int dir, const char *path, int flags, ...) { MODE return open_any(dir, path, flags, mode); }
int openat64(int dir, const char *path, int flags, ...) { MODE return open_any(dir, path, flags, mode); }
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    if (orders) opened(fd, NULL);
    return REAL(close)(fd);
}

static int renamed(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *was = orders ? whole(from_dir, from, one) : NULL, *now = orders ? whole(to_dir, to, two) : NULL;
    if (!counts(now)) return REAL(renameat2)(from_dir, from, to_dir, to, flags);
    BEFORE(NAME);
    int done = REAL(renameat2)(from_dir, from, to_dir, to, flags);
    if (done == 0) note('r', was, now, 0, NULL, 0);
    AFTER(done);
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_dir, const char *from, int to_dir, const char *to) { return renamed(from_dir, from, to_dir, to, 0); }
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) { return renamed(from_dir, from, to_dir, to, flags); }

static int linked(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    char one[PATH_MAX], two[PATH_MAX];
    const char *was = orders ? whole(from_dir, from, one) : NULL, *now = orders ? whole(to_dir, to, two) : NULL;
    if (!counts(now)) return REAL(linkat)(from_dir, from, to_dir, to, flags);
    BEFORE(NAME);
    int done = REAL(linkat)(from_dir, from, to_dir, to, flags);
    if (done == 0) note('l', was, now, 0, NULL, 0);
    AFTER(done);
}
int link(const char *from, const char *to) { return linked(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) { return linked(from_dir, from, to_dir, to, flags); }

static int removed(int dir, const char *path, int flags) {
    char space[PATH_MAX];
    const char *name = orders ? whole(dir, path, space) : NULL;
    if (!counts(name)) return REAL(unlinkat)(dir, path, flags);
    BEFORE(NAME);
    int done = REAL(unlinkat)(dir, path, flags);
    if (done == 0) note('u', name, NULL, 0, NULL, 0);
    AFTER(done);
}
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int dir, const char *path, int flags) { return removed(dir, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

static int folder(int dir, const char *path, mode_t mode) {
    char space[PATH_MAX];
    const char *name = orders ? whole(dir, path, space) : NULL;
    if (!counts(name)) return REAL(mkdirat)(dir, path, mode);
    BEFORE(NAME);
    int done = REAL(mkdirat)(dir, path, mode);
    if (done == 0) note('d', name, NULL, 0, NULL, 0);
    AFTER(done);
}
int mkdir(const char *path, mode_t mode) { return folder(AT_FDCWD, path, mode); }
int mkdirat(int dir, const char *path, mode_t mode) { return folder(dir, path, mode); }

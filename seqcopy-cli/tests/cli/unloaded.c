/* A program with a handler of SIGBUS loads a plugin, which survives truncation, and unloads it: `unloaded PLUGIN`, in a
 * namespace of its own with a second argument. Then it loses a page of a map of
 * its own: its handler ends it with 3. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void handle(int signal)
{
    (void)signal;
    _exit(3);
}

static int has_namespace;

static void *use(void *path)
{
    int (*survive)(void);
    void *at, *plugin = has_namespace ? dlmopen(LM_ID_NEWLM, path, RTLD_NOW) : dlopen(path, RTLD_NOW);
    if (plugin == NULL || (at = dlsym(plugin, "plugin_begins")) == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        _exit(1);
    }
    memcpy(&survive, &at, sizeof survive);
    if (survive() != 0 || dlclose(plugin) != 0)
        _exit(2);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    volatile char *map;
    int fd = memfd_create("own", 0);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    sigaction(SIGBUS, &action, NULL);
    has_namespace = argc > 2;
    pthread_create(&thread, NULL, use, argv[1]);
    pthread_join(thread, NULL);
    if (ftruncate(fd, 4096) != 0)
        return 1;
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ftruncate(fd, 0) != 0)
        return 1;
    map[0] = 1;
    return 4;
}

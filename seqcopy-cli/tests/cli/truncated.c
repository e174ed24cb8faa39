/* Lives on when files of regions are truncated: `truncated MODE`. Prints one line for each line of its input. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define SEQCOPY_SURVIVE_TRUNCATION
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "quote.h"
#include "lease.h"

/* In another translation unit, which does not define SEQCOPY_SURVIVE_TRUNCATION. */
int read_elsewhere(const char *path, int until);

static int is_whole(const quote *value)
{
    for (int i = 0; i < 2000; i++)
        if (value->list[i] != value->number)
            return 0;
    return value->last == value->number;
}

static void ready(void)
{
    puts("ready");
    fflush(stdout);
}

/* Reads a value until there is an error that stays. */
static int read_value(const char *path)
{
    quote_region region;
    static quote value;
    int status = quote_open(&region, path);
    if (status != QUOTE_READ_OK)
        return status;
    ready();
    do {
        status = quote_read(&region, &value);
        if (status == QUOTE_READ_OK && !is_whole(&value)) {
            puts("torn");
            exit(1);
        }
    } while (status == QUOTE_READ_OK || status == QUOTE_READ_BUSY || status == QUOTE_READ_TORN);
    if (quote_version(&region) != 0)
        status = -1;
    quote_close(&region);
    return status;
}

/* Looks up and walks. */
static int read_map(const char *path)
{
    lease_region region;
    lease entry;
    lease_iterator all;
    int status = lease_open(&region, path);
    if (status != LEASE_READ_OK)
        return status;
    ready();
    do {
        memset(&entry, 0, sizeof entry);
        entry.key = 7;
        status = lease_get(&region, &entry);
        if (status == LEASE_READ_OK && entry.value != 70) {
            puts("torn");
            exit(1);
        }
        if (status == LEASE_READ_OK || status == LEASE_READ_TORN) {
            lease_view(&region, &all);
            do
                status = lease_next(&all, &entry);
            while (status == LEASE_READ_OK);
        }
    } while (status == LEASE_READ_END || status == LEASE_READ_TORN || status == LEASE_READ_ABSENT);
    lease_close(&region);
    return status;
}

static volatile sig_atomic_t calls;
static sigjmp_buf after;

static void of_one_argument(int number)
{
    calls += number;
    siglongjmp(after, 1);
}

static void of_three_arguments(int number, siginfo_t *info, void *context)
{
    calls += number + (info->si_code == BUS_ADRERR && context != NULL ? 100 : 0);
    siglongjmp(after, 1);
}

/* Reads a page that its own file has no more; at an address, if it is not null. */
static int read_lost_page(const void *at)
{
    char path[] = "/tmp/seqcopy-truncated-XXXXXX";
    int fd = mkstemp(path);
    volatile const unsigned char *page;
    if (fd < 0 || ftruncate(fd, 4096) != 0)
        return -1;
    unlink(path);
    page = (volatile const unsigned char *)mmap((void *)(uintptr_t)at, 4096, PROT_READ, MAP_SHARED | (at == NULL ? 0 : MAP_FIXED), fd, 0);
    if (page == MAP_FAILED || ftruncate(fd, 0) != 0)
        return -1;
    return page[0];
}

int main(int argc, char **argv)
{
    static char line[4096];
    struct sigaction action;
    const char *mode = argc > 1 ? argv[1] : "";
    memset(&action, 0, sizeof action);
    /* A handler that calls itself does not end. */
    if (argc > 1)
        alarm(20);
    if (strcmp(mode, "one") == 0)
        action.sa_handler = of_one_argument;
    if (strcmp(mode, "three") == 0) {
        action.sa_sigaction = of_three_arguments;
        action.sa_flags = SA_SIGINFO;
    }
    if (strcmp(mode, "ignore") == 0)
        action.sa_handler = SIG_IGN;
    if (strcmp(mode, "once") == 0) {
        action.sa_handler = of_one_argument;
        action.sa_flags = (int)SA_RESETHAND;
    }
    if (sigaction(SIGBUS, &action, NULL) != 0)
        return 2;
    if (strcmp(mode, "without") != 0 && (seqcopy_survive_truncation() != 0 || seqcopy_survive_truncation() != 0))
        return 2;
    if (strcmp(mode, "sent") == 0)
        return raise(SIGBUS);
    if (strcmp(mode, "closed") == 0) {
        quote_region region;
        const void *base;
        if (quote_open(&region, argv[2]) != QUOTE_READ_OK)
            return 2;
        base = region.base;
        quote_close(&region);
        return read_lost_page(base) == 0 ? 3 : 2;
    }
    if (argc > 1 && strcmp(mode, "without") != 0) {
        /* For a page that is not that of a region, as often as the handler is for. */
        for (int i = 0; i < 2; i++)
            if (sigsetjmp(after, 1) == 0)
                return read_lost_page(NULL) == 0 ? 3 : 2;
            else
                printf("%d\n", (int)calls), fflush(stdout);
        return 0;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *path = line + 2;
        path[strcspn(path, "\n")] = 0;
        errno = 0;
        printf("%d\n", line[0] == 'v' ? read_value(path) : line[0] == 'm' ? read_map(path) : read_elsewhere(path, 1));
        fflush(stdout);
    }
    return 0;
}

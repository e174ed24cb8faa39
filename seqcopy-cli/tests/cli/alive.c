/* Reads a number, and asks whether its writer is alive: `alive PATH`. Prints the status of the read and both answers. Compiled as C
 * and as C++. */
#include <stdio.h>

#include "number.h"

int main(int argc, char **argv)
{
    number_region region;
    number value;
    int status, fd, answer;
    if (argc != 2)
        return 2;
    status = number_open(&region, argv[1]);
    if (status == NUMBER_READ_OK)
        status = number_read(&region, &value);
    number_close(&region);
    errno = 0;
    answer = number_writer_is_alive(argv[1]);
    if ((answer < 0) != (errno == ENOENT))
        return 1;
    fd = open(argv[1], O_RDONLY);
    printf("%d %d %d\n", status, answer, number_writer_is_alive_fd(fd));
    if (fd >= 0)
        close(fd);
    return 0;
}

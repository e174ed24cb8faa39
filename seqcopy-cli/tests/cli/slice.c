/* Prints the elements of a slice: `slice PATH`. */
#include <inttypes.h>
#include <stdio.h>

#include "legs.h"

int main(int argc, char **argv)
{
    legs_region region;
    legs v;
    uint32_t i;
    int status = argc > 1 ? legs_open(&region, argv[1]) : LEGS_OPEN_FAILED;
    if (status == LEGS_READ_OK) {
        status = legs_read(&region, &v);
        legs_close(&region);
    }
    if (status != LEGS_READ_OK) {
        printf("%s\n", legs_message(status));
        return status;
    }
    for (i = 0; i < v.len; i++)
        printf("%" PRIu32 " %g\n", v.elements[i].joint, (double)v.elements[i].angle);
    return 0;
}

    ldr     x9, [x0, #320]
    dmb     ishld
    mov     x2, x1
    ldr     x10, [x1]
    cmp     x10, x9, lsr #1
    b.ne    .L2
    str     xzr, [x8]
    ret
.L2:
    mov     x1, x0
    mov     x0, x8
    b       seqcopy::in_place::read::read_large

    ldr     x9, [x0, #320]
    dmb     ishld
    ldr     x10, [x1]
    cmp     x10, x9, lsr #1
    b.ne    .L2
    str     xzr, [x8]
    ret
.L2:
    mov     x2, x1
    mov     x1, x8
    b       seqcopy::lock::in_place::attempt::attempt_large

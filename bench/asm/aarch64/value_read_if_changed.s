    stp     x29, x30, [sp, #-32]!
    stp     x20, x19, [sp, #16]
    mov     x29, sp
    ldr     x9, [x0, #320]
    dmb     ishld
    mov     x19, x8
    ldr     x10, [x1]
    cmp     x10, x9, lsr #1
    b.ne    .L2
    str     xzr, [x19]
    ldp     x20, x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
.L2:
    mov     x20, x1
    add     x1, x19, #8
    bl      seqcopy::lock::read::read_large
    mov     w8, #1
    str     x0, [x20]
    str     x8, [x19]
    ldp     x20, x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

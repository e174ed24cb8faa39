    stp     x29, x30, [sp, #-32]!
    str     x19, [sp, #16]
    mov     x29, sp
    mov     x1, x8
    mov     x19, x8
    bl      seqcopy::lock::read::read_large
    str     x0, [x19, #320]
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

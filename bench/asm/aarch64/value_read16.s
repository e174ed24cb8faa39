    add     x9, x0, #16
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldr     q0, [x0]
    dmb     ishld
    ldr     x10, [x0, #16]
    cmp     x10, x9
    b.ne    .L3
    str     q0, [x8]
    ret
.L3:
    sub     sp, sp, #64
    stp     x29, x30, [sp, #32]
    str     x19, [sp, #48]
    add     x29, sp, #32
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    str     q0, [x19]
    ldp     x29, x30, [sp, #32]
    ldr     x19, [sp, #48]
    add     sp, sp, #64
    ret

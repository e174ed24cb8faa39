    add     x9, x0, #24
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldr     q0, [x0]
    add     x11, x0, #16
    ldr     x10, [x11]
    dmb     ishld
    ldr     x11, [x0, #24]
    cmp     x11, x9
    b.ne    .L3
    str     q0, [x8]
    str     x10, [x8, #16]
    ret
.L3:
    sub     sp, sp, #64
    stp     x29, x30, [sp, #32]
    str     x19, [sp, #48]
    add     x29, sp, #32
    mov     x1, sp
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldr     q0, [sp]
    ldr     x8, [sp, #16]
    str     q0, [x19]
    str     x8, [x19, #16]
    ldp     x29, x30, [sp, #32]
    ldr     x19, [sp, #48]
    add     sp, sp, #64
    ret

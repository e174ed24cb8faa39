    add     x9, x0, #48
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q1, q0, [x0]
    add     x11, x0, #32
    ldr     x10, [x11]
    ldr     x11, [x0, #40]
    dmb     ishld
    ldr     x12, [x0, #48]
    cmp     x12, x9
    b.ne    .L3
    stp     q1, q0, [x8]
    stp     x10, x11, [x8, #32]
    ret
.L3:
    sub     sp, sp, #96
    stp     x29, x30, [sp, #64]
    str     x19, [sp, #80]
    add     x29, sp, #64
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    ldur    q1, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q0, q1, [x19]
    str     q2, [x19, #32]
    ldp     x29, x30, [sp, #64]
    ldr     x19, [sp, #80]
    add     sp, sp, #96
    ret

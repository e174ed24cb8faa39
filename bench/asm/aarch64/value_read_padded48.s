    ldar    x9, [x0]
    tbnz    w9, #0, .L3
    add     x11, x0, #24
    ldrb    w10, [x0, #16]
    ldr     q0, [x11]
    add     x12, x0, #40
    ldr     x11, [x12]
    add     x13, x0, #48
    ldrb    w12, [x13]
    ldr     w13, [x0, #52]
    ldr     x14, [x0, #56]
    dmb     ishld
    ldr     x15, [x0]
    cmp     x15, x9
    b.ne    .L3
    strb    w10, [x8]
    stur    q0, [x8, #8]
    str     x11, [x8, #24]
    strb    w12, [x8, #32]
    str     w13, [x8, #36]
    str     x14, [x8, #40]
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

    add     x9, x0, #64
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q3, q2, [x0]
    ldp     q1, q0, [x0, #32]
    dmb     ishld
    ldr     x10, [x0, #64]
    cmp     x10, x9
    b.ne    .L3
    lsr     x9, x9, #1
    stp     q3, q2, [x8]
    stp     q1, q0, [x8, #32]
    str     x9, [x8, #64]
    ret
.L3:
    sub     sp, sp, #112
    stp     x29, x30, [sp, #80]
    str     x19, [sp, #96]
    add     x29, sp, #80
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #8]
    ldur    q1, [sp, #24]
    ldur    q2, [sp, #56]
    stp     q0, q1, [x19]
    ldur    q0, [sp, #40]
    stp     q0, q2, [x19, #32]
    str     x0, [x19, #64]
    ldp     x29, x30, [sp, #80]
    ldr     x19, [sp, #96]
    add     sp, sp, #112
    ret

    add     x9, x0, #128
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q7, q5, [x0]
    ldp     q3, q1, [x0, #32]
    add     x10, x0, #64
    ldp     q6, q4, [x10]
    ldp     q2, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #128]
    cmp     x10, x9
    b.ne    .L3
    stp     q7, q5, [x8]
    stp     q3, q1, [x8, #32]
    stp     q6, q4, [x8, #64]
    stp     q2, q0, [x8, #96]
    ret
.L3:
    sub     sp, sp, #176
    stp     x29, x30, [sp, #144]
    str     x19, [sp, #160]
    add     x29, sp, #144
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #72]
    ldur    q1, [sp, #88]
    ldur    q2, [sp, #120]
    stp     q0, q1, [x19, #64]
    ldur    q0, [sp, #104]
    ldur    q1, [sp, #8]
    stp     q0, q2, [x19, #96]
    ldur    q0, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q1, q0, [x19]
    ldur    q0, [sp, #56]
    stp     q2, q0, [x19, #32]
    ldp     x29, x30, [sp, #144]
    ldr     x19, [sp, #160]
    add     sp, sp, #176
    ret

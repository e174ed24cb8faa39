    add     x8, x0, #128
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldp     q3, q2, [x0]
    ldp     q1, q0, [x0, #32]
    add     x9, x0, #64
    ldp     q7, q6, [x9]
    ldp     q5, q4, [x9, #32]
    dmb     ishld
    ldr     x9, [x0, #128]
    cmp     x9, x8
    b.ne    .L3
    stp     q3, q2, [x1]
    stp     q1, q0, [x1, #32]
    stp     q7, q6, [x1, #64]
    stp     q5, q4, [x1, #96]
    ret
.L3:
    sub     sp, sp, #176
    stp     x29, x30, [sp, #144]
    str     x19, [sp, #160]
    add     x29, sp, #144
    mov     x19, x1
    mov     x1, sp
    bl      seqcopy::lock::read::read_contended
    ldp     q3, q2, [sp]
    mov     x1, x19
    ldp     q1, q0, [sp, #32]
    ldp     q7, q6, [sp, #64]
    ldp     q5, q4, [sp, #96]
    ldp     x29, x30, [sp, #144]
    ldr     x19, [sp, #160]
    add     sp, sp, #176
    stp     q3, q2, [x1]
    stp     q1, q0, [x1, #32]
    stp     q7, q6, [x1, #64]
    stp     q5, q4, [x1, #96]
    ret

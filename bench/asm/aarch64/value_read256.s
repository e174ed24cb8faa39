    add     x9, x0, #256
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldp     q23, q21, [x0]
    ldp     q18, q6, [x0, #32]
    add     x10, x0, #64
    ldp     q22, q19, [x10]
    ldp     q7, q3, [x10, #32]
    add     x10, x0, #128
    ldp     q20, q16, [x10]
    ldp     q4, q1, [x10, #32]
    add     x10, x0, #192
    ldp     q17, q5, [x10]
    ldp     q2, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    cmp     x10, x9
    b.ne    .L3
    stp     q23, q21, [x8]
    stp     q18, q6, [x8, #32]
    stp     q22, q19, [x8, #64]
    stp     q7, q3, [x8, #96]
    stp     q20, q16, [x8, #128]
    stp     q4, q1, [x8, #160]
    stp     q17, q5, [x8, #192]
    stp     q2, q0, [x8, #224]
    ret
.L3:
    sub     sp, sp, #304
    stp     x29, x30, [sp, #272]
    stp     x28, x19, [sp, #288]
    add     x29, sp, #272
    add     x1, sp, #8
    mov     x19, x8
    bl      seqcopy::lock::read::read_contended
    ldur    q0, [sp, #200]
    ldur    q1, [sp, #216]
    ldur    q2, [sp, #248]
    stp     q0, q1, [x19, #192]
    ldur    q0, [sp, #232]
    ldur    q1, [sp, #136]
    stp     q0, q2, [x19, #224]
    ldur    q0, [sp, #152]
    ldur    q2, [sp, #168]
    stp     q1, q0, [x19, #128]
    ldur    q0, [sp, #184]
    ldur    q1, [sp, #72]
    stp     q2, q0, [x19, #160]
    ldur    q0, [sp, #88]
    ldur    q2, [sp, #104]
    stp     q1, q0, [x19, #64]
    ldur    q0, [sp, #120]
    ldur    q1, [sp, #8]
    stp     q2, q0, [x19, #96]
    ldur    q0, [sp, #24]
    ldur    q2, [sp, #40]
    stp     q1, q0, [x19]
    ldur    q0, [sp, #56]
    stp     q2, q0, [x19, #32]
    ldp     x28, x19, [sp, #288]
    ldp     x29, x30, [sp, #272]
    add     sp, sp, #304
    ret

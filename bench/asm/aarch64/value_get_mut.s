    ldp     q0, q1, [x1]
    add     x9, x0, #64
    ldp     q2, q3, [x1, #32]
    ldp     q4, q5, [x1, #64]
    ldp     q6, q7, [x1, #96]
    ldr     x8, [x0, #128]
    orr     x8, x8, #0x1
    str     x8, [x0, #128]
    add     x8, x8, #1
    dmb     ish
    stp     q0, q1, [x0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x9]
    stp     q6, q7, [x9, #32]
    add     x9, x0, #128
    stlr    x8, [x9]
    ret

    ldp     q0, q1, [x0]
    stp     q0, q1, [x1]
    add     x8, x0, #32
    ldr     x9, [x8]
    ldr     x8, [x0, #40]
    stp     x9, x8, [x1, #32]
    ret

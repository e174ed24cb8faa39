    ldrb    w8, [x1]
    strb    w8, [x0]
    add     x9, x0, #24
    ldur    q0, [x1, #8]
    add     x8, x0, #8
    str     q0, [x8]
    ldr     x8, [x1, #24]
    str     x8, [x9]
    add     x9, x0, #32
    ldrb    w8, [x1, #32]
    strb    w8, [x9]
    add     x9, x0, #36
    ldr     w8, [x1, #36]
    str     w8, [x9]
    ldr     x8, [x1, #40]
    str     x8, [x0, #40]
    ret

    ldrb    w8, [x0]
    strb    w8, [x1]
    add     x8, x0, #8
    ldr     q0, [x8]
    stur    q0, [x1, #8]
    add     x8, x0, #24
    ldr     x9, [x8]
    str     x9, [x1, #24]
    add     x8, x0, #32
    ldrb    w9, [x8]
    strb    w9, [x1, #32]
    ldr     w8, [x0, #36]
    str     w8, [x1, #36]
    ldr     x8, [x0, #40]
    str     x8, [x1, #40]
    ret

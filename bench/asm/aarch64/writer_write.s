    ldr     x8, [x0]
    ldr     x9, [x8, #48]
    add     x11, x8, #24
    orr     x9, x9, #0x1
    str     x9, [x8, #48]
    add     x9, x9, #1
    dmb     ish
    ldrb    w10, [x1]
    strb    w10, [x8]
    ldur    q0, [x1, #8]
    add     x10, x8, #8
    str     q0, [x10]
    ldr     x10, [x1, #24]
    str     x10, [x11]
    add     x11, x8, #32
    ldrb    w10, [x1, #32]
    strb    w10, [x11]
    add     x11, x8, #36
    ldr     w10, [x1, #36]
    str     w10, [x11]
    add     x11, x8, #48
    ldr     x10, [x1, #40]
    str     x10, [x8, #40]
    stlr    x9, [x11]
    ret

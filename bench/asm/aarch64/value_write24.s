    ldr     x8, [x0]
    ldr     x9, [x8, #24]
    add     x11, x8, #16
    orr     x9, x9, #0x1
    str     x9, [x8, #24]
    add     x9, x9, #1
    dmb     ish
    ldr     q0, [x1]
    ldr     x10, [x1, #16]
    str     q0, [x8]
    str     x10, [x11]
    add     x8, x8, #24
    stlr    x9, [x8]
    ret

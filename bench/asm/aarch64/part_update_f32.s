    ldr     x8, [x0]
    fmov    s0, #1.00000000
    add     x9, x8, #408
    ldr     w10, [x9]
    fmov    s1, w10
    ldr     x11, [x8, #1024]
    fadd    s0, s1, s0
    orr     x10, x11, #0x1
    str     x10, [x8, #1024]
    add     x8, x8, #1024
    dmb     ish
    fmov    w11, s0
    str     w11, [x9]
    add     x9, x10, #1
    stlr    x9, [x8]
    ret

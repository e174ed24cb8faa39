    ldr     x8, [x0]
    dup     v0.2d, x1
    ldr     x9, [x8, #256]
    add     x10, x8, #64
    orr     x9, x9, #0x1
    str     x9, [x8, #256]
    add     x9, x9, #1
    dmb     ish
    stp     q0, q0, [x8]
    stp     q0, q0, [x8, #32]
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #128
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #192
    add     x8, x8, #256
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    stlr    x9, [x8]
    ret

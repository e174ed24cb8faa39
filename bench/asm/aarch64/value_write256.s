    ldr     x8, [x0]
    dup     v0.2d, x1
    ldr     x9, [x8]
    add     x10, x8, #16
    orr     x9, x9, #0x1
    str     x9, [x8]
    add     x9, x9, #1
    dmb     ish
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #80
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #144
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #208
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    stlr    x9, [x8]
    ret

    ldrb    w8, [x0]
    strb    w8, [x1]
    ldr     w8, [x0, #4]
    str     w8, [x1, #4]
    ldr     x9, [x0, #8]
    ldr     x8, [x0, #16]
    stp     x9, x8, [x1, #8]
    ret

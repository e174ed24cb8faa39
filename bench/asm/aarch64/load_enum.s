    ldrb    w8, [x0]
    strb    w8, [x1]
    ldr     w8, [x0, #4]
    str     w8, [x1, #4]
    add     x8, x0, #8
    ldr     q0, [x8]
    stur    q0, [x1, #8]
    ret

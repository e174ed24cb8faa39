    ldr     x8, [x0]
    str     x8, [x1]
    ldr     w8, [x0, #8]
    str     w8, [x1, #8]
    ldrh    w8, [x0, #12]
    strh    w8, [x1, #12]
    ldrb    w8, [x0, #14]
    strb    w8, [x1, #14]
    ret

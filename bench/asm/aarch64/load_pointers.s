    ldr     x9, [x0]
    ldr     x8, [x0, #8]
    stp     x9, x8, [x1]
    ldr     x9, [x0, #16]
    ldr     x8, [x0, #24]
    stp     x9, x8, [x1, #16]
    ret

    ldp     x9, x8, [x1]
    str     x9, [x0]
    str     x8, [x0, #8]
    ldp     x9, x8, [x1, #16]
    str     x9, [x0, #16]
    str     x8, [x0, #24]
    ret

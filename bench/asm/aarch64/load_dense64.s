    ldp     q0, q1, [x0]
    stp     q0, q1, [x1]
    add     x8, x0, #32
    add     x9, x1, #32
    ldp     q0, q1, [x8]
    stp     q0, q1, [x9]
    ret

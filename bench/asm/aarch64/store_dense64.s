    ldp     q0, q1, [x1]
    stp     q0, q1, [x0]
    add     x8, x1, #32
    add     x9, x0, #32
    ldp     q0, q1, [x8]
    stp     q0, q1, [x9]
    ret

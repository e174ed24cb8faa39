    ldp     q0, q1, [x0]
    ldp     q2, q3, [x0, #32]
    stp     q0, q1, [x1]
    stp     q2, q3, [x1, #32]
    ret

    ldp     q0, q1, [x0]
    ldp     q2, q3, [x0, #32]
    add     x9, x0, #64
    add     x10, x0, #128
    ldp     q4, q5, [x9]
    ldp     q6, q7, [x9, #32]
    ldp     q16, q17, [x10]
    ldp     q18, q19, [x10, #32]
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    stp     q4, q5, [x8, #64]
    stp     q6, q7, [x8, #96]
    stp     q16, q17, [x8, #128]
    stp     q18, q19, [x8, #160]
    ret

    add     x8, x1, #4032
    add     x9, x0, #4032
.Lasm0:
    ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    add     x1, x1, #64
    stp     q0, q1, [x0]
    stp     q2, q3, [x0, #32]
    add     x0, x0, #64
    cmp     x1, x8
    b.lo    .Lasm0
    ldp     q0, q1, [x8]
    ldp     q2, q3, [x8, #32]
    stp     q0, q1, [x9]
    stp     q2, q3, [x9, #32]
    ret

    neg     w9, w1
    and     x8, x9, #0x8
    tbz     w9, #3, .L2
    ldr     q0, [x0]
    str     q0, [x1]
.L2:
    add     x9, x0, x8
    add     x8, x1, x8
    add     x10, x0, #4032
    add     x11, x1, #4032
.Lasm0:
    ldp     q0, q1, [x9]
    ldp     q2, q3, [x9, #32]
    add     x9, x9, #64
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    add     x8, x8, #64
    cmp     x9, x10
    b.lo    .Lasm0
    ldp     q0, q1, [x10]
    ldp     q2, q3, [x10, #32]
    stp     q0, q1, [x11]
    stp     q2, q3, [x11, #32]
    ret

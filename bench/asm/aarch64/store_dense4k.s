    neg     w8, w0
    and     x9, x8, #0x8
    tbz     w8, #3, .L2
    ldr     q0, [x1]
    str     q0, [x0]
.L2:
    add     x8, x1, #32
.L3:
    add     x10, x8, x9
    cmp     x9, #3968
    ldp     q0, q1, [x10, #-32]
    ldp     q2, q3, [x10]
    add     x10, x0, x9
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    add     x9, x9, #64
    b.lo    .L3
    ldr     q0, [x1, #4032]
    ldr     q1, [x1, #4048]
    add     x8, x0, #4032
    ldr     q2, [x1, #4064]
    ldr     q3, [x1, #4080]
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    ret

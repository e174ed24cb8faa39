    ldr     x8, [x0]
    ldr     x9, [x8, #1024]
    neg     w10, w8
    and     x11, x10, #0x8
    orr     x9, x9, #0x1
    str     x9, [x8, #1024]
    dmb     ish
    tbz     w10, #3, .L2
    ldr     q0, [x1]
    str     q0, [x8]
.L2:
    add     x10, x1, #32
.L3:
    add     x12, x10, x11
    cmp     x11, #896
    ldp     q0, q1, [x12, #-32]
    ldp     q2, q3, [x12]
    add     x12, x8, x11
    stp     q0, q1, [x12]
    stp     q2, q3, [x12, #32]
    add     x11, x11, #64
    b.lo    .L3
    ldp     q0, q1, [x1, #960]
    add     x10, x8, #960
    ldp     q2, q3, [x1, #992]
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    add     x9, x9, #1
    add     x8, x8, #1024
    stlr    x9, [x8]
    ret

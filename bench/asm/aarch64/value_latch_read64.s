    ldar    x10, [x0]
    add     x9, x0, #16
    and     x11, x10, #0x3
    add     x11, x9, x11, lsl #6
    ldp     q3, q2, [x11]
    ldp     q1, q0, [x11, #32]
    dmb     ishld
    ldr     x11, [x0]
    sub     x10, x11, x10
    cmp     x10, #3
    b.hs    .L2
.L1:
    stp     q3, q2, [x8]
    stp     q1, q0, [x8, #32]
    ret
.L2:
    isb
    ldar    x10, [x0]
    and     x11, x10, #0x3
    add     x11, x9, x11, lsl #6
    ldp     q3, q2, [x11]
    ldp     q1, q0, [x11, #32]
    dmb     ishld
    ldr     x11, [x0]
    sub     x10, x11, x10
    cmp     x10, #2
    b.hi    .L2
    b       .L1

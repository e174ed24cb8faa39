    add     x9, x0, #256
    ldar    x9, [x9]
    and     x10, x9, #0x3
    add     x10, x0, x10, lsl #6
    ldp     q3, q2, [x10]
    ldp     q1, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    sub     x9, x10, x9
    cmp     x9, #3
    b.hs    .L2
.L1:
    stp     q3, q2, [x8]
    stp     q1, q0, [x8, #32]
    ret
.L2:
    isb
    add     x9, x0, #256
    ldar    x9, [x9]
    and     x10, x9, #0x3
    add     x10, x0, x10, lsl #6
    ldp     q3, q2, [x10]
    ldp     q1, q0, [x10, #32]
    dmb     ishld
    ldr     x10, [x0, #256]
    sub     x9, x10, x9
    cmp     x9, #2
    b.hi    .L2
    b       .L1

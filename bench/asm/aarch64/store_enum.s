    ldrb    w8, [x1]
    cmp     w8, #2
    b.eq    .L3
    cmp     w8, #1
    b.ne    .L4
    ldr     w9, [x1, #4]
    ldr     b0, [x1, #8]
    strb    w8, [x0]
    add     x8, x0, #8
    str     w9, [x0, #4]
    str     q0, [x8]
    ret
.L3:
    ldur    q0, [x1, #8]
    strb    w8, [x0]
    add     x8, x0, #8
    str     wzr, [x0, #4]
    str     q0, [x8]
    ret
.L4:
    movi    v0.2d, #0000000000000000
    strb    w8, [x0]
    add     x8, x0, #8
    str     wzr, [x0, #4]
    str     q0, [x8]
    ret

    ldr     x8, [x0, #184]
    ldrb    w8, [x8]
    cmp     w8, #1
    b.ne    .L4
    ldp     x8, x9, [x0, #24]
    cbz     x9, .L3
    ldr     x10, [x8]
    dmb     ish
    mov     w0, #2
    ldp     q0, q1, [x1]
    add     x10, x10, #1
    ldp     q2, q3, [x1, #32]
    and     x9, x10, x9
    add     x9, x8, x9, lsl #6
    add     x9, x9, #64
    stp     q0, q1, [x9]
    stp     q2, q3, [x9, #32]
    stlr    x10, [x8]
    ret
.L3:
    ldr     x9, [x8]
    add     x10, x8, #64
    mov     w0, #2
    orr     x9, x9, #0x1
    str     x9, [x8]
    adds    x9, x9, #1
    dmb     ish
    csel    x9, x0, x9, hs
    ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    stlr    x9, [x8]
    ret
.L4:
    cmp     w8, #2
    cset    w0, eq
    ret

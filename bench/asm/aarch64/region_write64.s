    ldr     x8, [x0, #184]
    ldrb    w8, [x8]
    cbz     w8, .L5
    ldp     x9, x11, [x0, #24]
    cbz     x11, .L3
    ldr     x10, [x9]
    dmb     ish
    ldp     q0, q1, [x1]
    add     x10, x10, #1
    ldp     q2, q3, [x1, #32]
    and     x11, x10, x11
    add     x11, x9, x11, lsl #6
    add     x11, x11, #64
    stp     q0, q1, [x11]
    stp     q2, q3, [x11, #32]
    b       .L4
.L3:
    ldr     x10, [x9]
    add     x11, x9, #64
    orr     x10, x10, #0x1
    str     x10, [x9]
    adds    x10, x10, #1
    dmb     ish
    ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    stp     q0, q1, [x11]
    stp     q2, q3, [x11, #32]
    mov     w11, #2
    csel    x10, x11, x10, hs
.L4:
    stlr    x10, [x9]
.L5:
    cmp     w8, #0
    cset    w0, eq
    ret

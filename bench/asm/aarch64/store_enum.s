    ldrb    w8, [x1]
    cmp     w8, #2
    b.eq    .L3
    cmp     w8, #1
    b.ne    .L4
    ldr     w9, [x1, #4]
    ldrb    w12, [x1, #8]
    b       .L5
.L3:
    ldp     x12, x11, [x1, #8]
    mov     w9, wzr
    and     x10, x12, #0xffffffffffffff00
    b       .L6
.L4:
    mov     w9, wzr
    mov     w12, wzr
.L5:
    mov     x10, xzr
    mov     x11, xzr
.L6:
    strb    w8, [x0]
    and     x8, x12, #0xff
    orr     x8, x10, x8
    str     w9, [x0, #4]
    str     x8, [x0, #8]
    str     x11, [x0, #16]
    ret

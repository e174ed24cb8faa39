    add     x9, x0, #48
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    add     x11, x0, #20
    ldrh    w10, [x11]
    dmb     ishld
    ldr     x11, [x0, #48]
    cmp     x11, x9
    b.ne    .L4
    strh    w10, [x8, #2]
    strh    wzr, [x8]
    ret
.L3:
    str     xzr, [x8, #8]
    mov     w9, #1
    strh    w9, [x8]
    ret
.L4:
    mov     w9, #1
    str     x9, [x8, #8]
    mov     w9, #1
    strh    w9, [x8]
    ret

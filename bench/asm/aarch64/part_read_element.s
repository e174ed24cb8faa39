    add     x9, x0, #1024
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    cmp     x1, #253
    mov     w10, #253
    csel    x10, x1, x10, lo
    add     x10, x0, x10, lsl #2
    add     x11, x10, #8
    ldr     w10, [x11]
    dmb     ishld
    ldr     x11, [x0, #1024]
    cmp     x11, x9
    b.ne    .L4
    stp     wzr, w10, [x8]
    ret
.L3:
    str     xzr, [x8, #8]
    mov     w9, #1
    str     w9, [x8]
    ret
.L4:
    mov     w9, #1
    str     x9, [x8, #8]
    mov     w9, #1
    str     w9, [x8]
    ret

    add     x9, x0, #2048
    ldar    x9, [x9]
    and     x10, x9, #0x1
    add     x10, x0, x10, lsl #10
    add     x11, x10, #408
    ldr     w10, [x11]
    dmb     ishld
    ldr     x11, [x0, #2048]
    cmp     x11, x9
    b.ne    .L2
    mov     w9, wzr
    stp     w9, w10, [x8]
    ret
.L2:
    mov     w9, #1
    str     x9, [x8, #8]
    str     w9, [x8]
    ret

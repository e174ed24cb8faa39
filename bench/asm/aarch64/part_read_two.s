    add     x9, x0, #1024
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    ldr     x10, [x0]
    add     x12, x0, #408
    ldr     w11, [x12]
    dmb     ishld
    ldr     x12, [x0, #1024]
    cmp     x12, x9
    b.ne    .L4
    stp     xzr, x10, [x8]
    str     w11, [x8, #16]
    ret
.L3:
    str     xzr, [x8, #8]
    mov     w9, #1
    str     x9, [x8]
    ret
.L4:
    mov     w9, #1
    str     x9, [x8, #8]
    mov     w9, #1
    str     x9, [x8]
    ret

part_read_f32:
    add     x9, x0, #1024
    ldar    x9, [x9]
    tbnz    w9, #0, .L3
    add     x11, x0, #408
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

part_latch_read_f32:
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

part_read_u16:
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

part_read_element:
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

part_read_two:
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

part_update_f32:
    ldr     x8, [x0]
    fmov    s0, #1.00000000
    add     x9, x8, #408
    ldr     w10, [x9]
    fmov    s1, w10
    ldr     x11, [x8, #1024]
    fadd    s0, s1, s0
    orr     x10, x11, #0x1
    str     x10, [x8, #1024]
    add     x8, x8, #1024
    dmb     ish
    fmov    w11, s0
    str     w11, [x9]
    add     x9, x10, #1
    stlr    x9, [x8]
    ret

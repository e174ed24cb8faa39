    sub     sp, sp, #192
    stp     x29, x30, [sp, #112]
    stp     x26, x25, [sp, #128]
    stp     x24, x23, [sp, #144]
    stp     x22, x21, [sp, #160]
    stp     x20, x19, [sp, #176]
    add     x29, sp, #112
    ldp     x21, x20, [x0, #8]
    add     x24, sp, #32
    ldr     x19, [x0]
    mov     w25, #48
    stur    xzr, [x29, #-32]
    stur    wzr, [x29, #-16]
    mvn     w9, w20
    and     x23, x20, #0xfffffffffffffffe
    stur    wzr, [x29, #-24]
    and     x22, x9, #0x1
    ldr     x9, [x21]
    dmb     ishld
    tst     x9, x22
    b.ne    .L4
.L1:
    cbz     x9, .L5
    and     x10, x9, x20
    madd    x10, x10, x25, x21
    add     x11, x10, #16
    ldp     q1, q0, [x11]
    add     x11, x10, #48
    ldrb    w10, [x11]
    dmb     ishld
    ldr     x11, [x21]
    sub     x9, x11, x9
    cmp     x9, x23
    b.ls    .L8
    mov     x26, x8
    mov     w2, #1
    b       .L6
.L4:
    mov     x26, x8
    mov     x2, xzr
    b       .L6
.L5:
    mov     x26, x8
    mov     w2, #2
.L6:
    add     x8, sp, #32
    sub     x1, x29, #32
    mov     x0, x19
    bl      seqcopy_shm::region::Region::wait_or_give_up
    ldr     x8, [sp, #32]
    ldur    q0, [x24, #8]
    ldur    x9, [x24, #24]
    cmp     x8, #10
    str     q0, [sp]
    str     x9, [sp, #16]
    b.ne    .L12
    ldr     q0, [sp]
    ldr     x8, [sp, #16]
    stur    q0, [x29, #-32]
    stur    x8, [x29, #-16]
    mov     x8, x26
    ldr     x9, [x21]
    dmb     ishld
    tst     x9, x22
    b.eq    .L1
    b       .L4
.L8:
    mov     w9, v0.s[3]
    cmp     w9, #3
    b.hs    .L13
    and     w9, w10, #0xff
    cmp     w9, #2
    and     x9, x10, #0xff
    b.hs    .L14
    str     x9, [x8, #40]
    mov     w9, #10
    stur    q1, [x8, #8]
    stur    q0, [x8, #24]
    str     x9, [x8]
.L11:
    ldp     x20, x19, [sp, #176]
    ldp     x22, x21, [sp, #160]
    ldp     x24, x23, [sp, #144]
    ldp     x26, x25, [sp, #128]
    ldp     x29, x30, [sp, #112]
    add     sp, sp, #192
    ret
.L12:
    ldr     q0, [sp, #64]
    ldr     q1, [sp]
    ldr     x9, [sp, #16]
    str     x8, [x26]
    str     q0, [x26, #32]
    stur    q1, [x26, #8]
    str     x9, [x26, #24]
    b       .L11
.L13:
    mov     w10, #3
    mov     w11, #6
    b       .L15
.L14:
    mov     x10, xzr
    mov     w11, #7
.L15:
    adrp    x12, .Lconstant
    add     x12, x12, :lo12:.Lconstant
    str     x10, [x8]
    fmov    d0, x12
    str     x9, [x8, #40]
    mov     v0.d[1], x11
    stur    q0, [x8, #24]
    b       .L11

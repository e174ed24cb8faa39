    sub     sp, sp, #192
    stp     x29, x30, [sp, #112]
    stp     x26, x25, [sp, #128]
    stp     x24, x23, [sp, #144]
    stp     x22, x21, [sp, #160]
    stp     x20, x19, [sp, #176]
    add     x29, sp, #112
    ldp     x22, x21, [x0, #8]
    mov     x19, x8
    ldr     x20, [x0]
    add     x25, sp, #32
    mov     w26, #48
    stur    xzr, [x29, #-32]
    mvn     w8, w21
    and     x24, x21, #0xfffffffffffffffe
    stur    wzr, [x29, #-16]
    and     x23, x8, #0x1
    stur    wzr, [x29, #-24]
    ldr     x8, [x22]
    dmb     ishld
    tst     x8, x23
    b.ne    .L6
.L1:
    cbz     x8, .L7
    and     x9, x8, x21
    madd    x9, x9, x26, x22
    add     x10, x9, #16
    ldp     q1, q0, [x10]
    add     x10, x9, #48
    ldrb    w9, [x10]
    dmb     ishld
    ldr     x10, [x22]
    sub     x8, x10, x8
    cmp     x8, x24
    b.ls    .L8
    mov     w2, #1
.L4:
    add     x8, sp, #32
    sub     x1, x29, #32
    mov     x0, x20
    bl      seqcopy_shm::region::Region::wait_or_give_up
    ldr     x8, [sp, #32]
    ldur    q0, [x25, #8]
    ldur    x9, [x25, #24]
    cmp     x8, #10
    str     q0, [sp]
    str     x9, [sp, #16]
    b.ne    .L13
    ldr     q0, [sp]
    ldr     x8, [sp, #16]
    stur    q0, [x29, #-32]
    stur    x8, [x29, #-16]
    ldr     x8, [x22]
    dmb     ishld
    tst     x8, x23
    b.eq    .L1
.L6:
    mov     w2, wzr
    b       .L4
.L7:
    mov     w2, #2
    b       .L4
.L8:
    mov     w8, v0.s[3]
    cmp     w8, #3
    b.hs    .L14
    and     w8, w9, #0xff
    cmp     w8, #2
    and     x8, x9, #0xff
    b.hs    .L15
    str     x8, [x19, #40]
    mov     w8, #10
    stur    q1, [x19, #8]
    stur    q0, [x19, #24]
.L11:
    str     x8, [x19]
.L12:
    ldp     x20, x19, [sp, #176]
    ldp     x22, x21, [sp, #160]
    ldp     x24, x23, [sp, #144]
    ldp     x26, x25, [sp, #128]
    ldp     x29, x30, [sp, #112]
    add     sp, sp, #192
    ret
.L13:
    ldr     q0, [sp, #64]
    ldr     q1, [sp]
    ldr     x9, [sp, #16]
    str     q0, [x19, #32]
    stur    q1, [x19, #8]
    str     x9, [x19, #24]
    b       .L11
.L14:
    mov     w9, #3
    mov     w10, #6
    b       .L16
.L15:
    mov     x9, xzr
    mov     w10, #7
.L16:
    adrp    x11, .Lconstant
    add     x11, x11, :lo12:.Lconstant
    str     x9, [x19]
    fmov    d0, x11
    str     x8, [x19, #40]
    mov     v0.d[1], x10
    stur    q0, [x19, #24]
    b       .L12

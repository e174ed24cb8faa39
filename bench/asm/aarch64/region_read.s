    sub     sp, sp, #128
    stp     x29, x30, [sp, #96]
    str     x19, [sp, #112]
    add     x29, sp, #96
    ldp     x9, x10, [x0, #8]
    ldr     x11, [x9]
    dmb     ishld
    bic     w12, w11, w10
    tbnz    w12, #0, .L7
    cbz     x11, .L8
    and     x12, x11, x10
    mov     w13, #48
    and     x10, x10, #0xfffffffffffffffe
    madd    x12, x12, x13, x9
    add     x13, x12, #16
    ldp     q1, q0, [x13]
    add     x13, x12, #48
    ldrb    w12, [x13]
    dmb     ishld
    ldr     x9, [x9]
    sub     x9, x9, x11
    cmp     x9, x10
    b.hi    .L9
    mov     w9, v0.s[3]
    cmp     w9, #3
    b.hs    .L15
    and     w9, w12, #0xff
    cmp     w9, #2
    and     x9, x12, #0xff
    b.hs    .L16
    stur    q1, [x8, #8]
    stur    q0, [x8, #24]
.L6:
    str     x9, [x8, #40]
    mov     w9, #13
    str     x9, [x8]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L7:
    mov     x19, x8
    mov     x3, xzr
    b       .L10
.L8:
    mov     x19, x8
    mov     w3, #2
    b       .L10
.L9:
    mov     x19, x8
    mov     w3, #1
.L10:
    ldr     x1, [x0]
    add     x0, sp, #48
    mov     x2, sp
    bl      seqcopy_shm::value::source::mapped::Mapped::load_with_retries
    ldr     x8, [sp, #48]
    cmp     x8, #13
    b.ne    .L14
    ldr     x10, [sp, #24]
    mov     x8, x19
    lsr     x9, x10, #32
    cmp     x9, #3
    b.hs    .L18
    ldr     x9, [sp, #32]
    tst     x9, #0xfe
    b.ne    .L19
    ldr     q0, [sp]
    ldr     x11, [sp, #16]
    stur    q0, [x8, #8]
    stp     x11, x10, [x8, #24]
    b       .L6
.L14:
    ldp     q0, q1, [sp, #64]
    ldr     x9, [sp, #56]
    stp     x8, x9, [x19]
    stp     q0, q1, [x19, #16]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L15:
    mov     w11, #6
    mov     w10, #3
    b       .L17
.L16:
    mov     x10, xzr
    mov     w11, #7
.L17:
    adrp    x12, .Lconstant
    add     x12, x12, :lo12:.Lconstant
    str     x10, [x8]
    fmov    d0, x12
    str     x9, [x8, #40]
    mov     v0.d[1], x11
    stur    q0, [x8, #24]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L18:
    mov     w10, #6
    mov     w11, #3
    b       .L20
.L19:
    mov     x11, xzr
    and     x9, x9, #0xff
    mov     w10, #7
.L20:
    stp     x11, xzr, [x8]
    adrp    x11, .Lconstant
    add     x11, x11, :lo12:.Lconstant
    stp     xzr, x11, [x8, #16]
    stp     x10, x9, [x8, #32]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret

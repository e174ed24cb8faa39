region_read_large:
    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    b       seqcopy_shm::handle::reader::apart
.L2:
    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldr     q0, [x0, #16]
    ldr     x9, [x0, #32]
    mov     x1, sp
    mov     x0, x8
    str     q0, [sp]
    str     x9, [sp, #16]
    bl      seqcopy::copy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

region_read_versioned:
    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    b       seqcopy_shm::handle::reader::apart
.L2:
    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldr     q0, [x0, #16]
    ldr     x9, [x0, #32]
    mov     x1, sp
    mov     x0, x8
    str     q0, [sp]
    str     x9, [sp, #16]
    bl      seqcopy::copy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

region_try_read:
    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    b       seqcopy_shm::handle::reader::apart
.L2:
    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldr     q0, [x0, #16]
    ldr     x9, [x0, #32]
    mov     x1, sp
    mov     x0, x8
    str     q0, [sp]
    str     x9, [sp, #16]
    bl      seqcopy::copy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

region_read_with:
    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    mov     x2, x0
    mov     w3, wzr
    b       seqcopy_shm::handle::reader::apart
.L2:
    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldp     x9, x10, [x0, #24]
    mov     x1, sp
    str     x0, [sp]
    mov     x0, x8
    str     wzr, [sp, #8]
    stp     x9, x10, [sp, #16]
    bl      seqcopy::copy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

region_read:
    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    b       seqcopy_shm::handle::reader::apart
.L2:
    sub     sp, sp, #128
    stp     x29, x30, [sp, #96]
    str     x19, [sp, #112]
    add     x29, sp, #96
    ldp     x9, x10, [x0, #24]
    ldr     x11, [x9]
    dmb     ishld
    bic     w12, w11, w10
    tbnz    w12, #0, .L8
    cbz     x11, .L9
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
    b.hi    .L10
    mov     w9, v0.s[3]
    cmp     w9, #3
    b.hs    .L16
    and     w9, w12, #0xff
    cmp     w9, #2
    and     x9, x12, #0xff
    b.hs    .L17
    str     x9, [x8, #40]
    mov     w9, #15
    stur    q1, [x8, #8]
    stur    q0, [x8, #24]
    str     x9, [x8]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L8:
    mov     x19, x8
    mov     x3, xzr
    b       .L11
.L9:
    mov     x19, x8
    mov     w3, #2
    b       .L11
.L10:
    mov     x19, x8
    mov     w3, #1
.L11:
    ldr     x1, [x0, #16]
    add     x0, sp, #48
    mov     x2, sp
    bl      seqcopy_shm::value::source::mapped::Mapped::load_with_retries
    ldr     x8, [sp, #48]
    cmp     x8, #15
    b.ne    .L15
    ldr     x9, [sp, #24]
    lsr     x8, x9, #32
    cmp     x8, #3
    b.hs    .L19
    ldr     x8, [sp, #32]
    tst     x8, #0xfe
    b.ne    .L20
    ldr     q0, [sp]
    ldr     x10, [sp, #16]
    str     x8, [x19, #40]
    mov     w8, #15
    stur    q0, [x19, #8]
    stp     x10, x9, [x19, #24]
    str     x8, [x19]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L15:
    ldp     q0, q1, [sp, #64]
    ldr     x9, [sp, #56]
    stp     x8, x9, [x19]
    stp     q0, q1, [x19, #16]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret
.L16:
    mov     w11, #6
    mov     w10, #3
    b       .L18
.L17:
    mov     x10, xzr
    mov     w11, #7
.L18:
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
.L19:
    mov     x10, x19
    mov     w9, #6
    mov     w11, #3
    b       .L21
.L20:
    mov     x10, x19
    mov     x11, xzr
    and     x8, x8, #0xff
    mov     w9, #7
.L21:
    stp     x11, xzr, [x10]
    adrp    x11, .Lconstant
    add     x11, x11, :lo12:.Lconstant
    stp     xzr, x11, [x10, #16]
    stp     x9, x8, [x10, #32]
    ldp     x29, x30, [sp, #96]
    ldr     x19, [sp, #112]
    add     sp, sp, #128
    ret

region_write64:
    ldr     x8, [x0, #304]
    ldrb    w8, [x8]
    cmp     w8, #1
    b.ne    .L4
    ldp     x8, x9, [x0, #64]
    cbz     x9, .L3
    ldr     x10, [x8]
    dmb     ish
    mov     w0, #2
    ldp     q0, q1, [x1]
    add     x10, x10, #1
    ldp     q2, q3, [x1, #32]
    and     x9, x10, x9
    add     x9, x8, x9, lsl #6
    add     x9, x9, #64
    stp     q0, q1, [x9]
    stp     q2, q3, [x9, #32]
    stlr    x10, [x8]
    ret
.L3:
    ldr     x9, [x8]
    add     x10, x8, #64
    mov     w0, #2
    orr     x9, x9, #0x1
    str     x9, [x8]
    adds    x9, x9, #1
    dmb     ish
    csel    x9, x0, x9, hs
    ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    stlr    x9, [x8]
    ret
.L4:
    cmp     w8, #2
    cset    w0, eq
    ret

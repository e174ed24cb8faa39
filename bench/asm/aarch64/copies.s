load_padded48:
    ldp     q0, q1, [x0]
    stp     q0, q1, [x1]
    add     x8, x0, #32
    ldr     x9, [x8]
    ldr     x8, [x0, #40]
    stp     x9, x8, [x1, #32]
    ret

store_padded48:
    ldrb    w8, [x1]
    strb    w8, [x0]
    add     x9, x0, #24
    ldur    q0, [x1, #8]
    add     x8, x0, #8
    str     q0, [x8]
    ldr     x8, [x1, #24]
    str     x8, [x9]
    add     x9, x0, #32
    ldrb    w8, [x1, #32]
    strb    w8, [x9]
    add     x9, x0, #36
    ldr     w8, [x1, #36]
    str     w8, [x9]
    ldr     x8, [x1, #40]
    str     x8, [x0, #40]
    ret

load_dense64:
    ldp     q0, q1, [x0]
    ldp     q2, q3, [x0, #32]
    stp     q0, q1, [x1]
    stp     q2, q3, [x1, #32]
    ret

store_dense64:
    ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    stp     q0, q1, [x0]
    stp     q2, q3, [x0, #32]
    ret

load_dense4k:
    neg     w9, w1
    and     x8, x9, #0x8
    tbz     w9, #3, .L2
    ldr     q0, [x0]
    str     q0, [x1]
.L2:
    add     x9, x0, x8
    add     x8, x1, x8
    add     x10, x0, #4032
    add     x11, x1, #4032
.Lasm0:
    ldp     q0, q1, [x9]
    ldp     q2, q3, [x9, #32]
    add     x9, x9, #64
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    add     x8, x8, #64
    cmp     x9, x10
    b.lo    .Lasm0
    ldp     q0, q1, [x10]
    ldp     q2, q3, [x10, #32]
    stp     q0, q1, [x11]
    stp     q2, q3, [x11, #32]
    ret

store_dense4k:
    neg     w8, w0
    and     x9, x8, #0x8
    tbz     w8, #3, .L2
    ldr     q0, [x1]
    str     q0, [x0]
.L2:
    add     x8, x1, #32
.L3:
    add     x10, x8, x9
    cmp     x9, #3968
    ldp     q0, q1, [x10, #-32]
    ldp     q2, q3, [x10]
    add     x10, x0, x9
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    add     x9, x9, #64
    b.lo    .L3
    ldr     q0, [x1, #4032]
    ldr     q1, [x1, #4048]
    add     x8, x0, #4032
    ldr     q2, [x1, #4064]
    ldr     q3, [x1, #4080]
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    ret

load_pointers:
    ldr     x9, [x0]
    ldr     x8, [x0, #8]
    stp     x9, x8, [x1]
    ldr     x9, [x0, #16]
    ldr     x8, [x0, #24]
    stp     x9, x8, [x1, #16]
    ret

store_pointers:
    ldp     x9, x8, [x1]
    str     x9, [x0]
    str     x8, [x0, #8]
    ldp     x9, x8, [x1, #16]
    str     x9, [x0, #16]
    str     x8, [x0, #24]
    ret

load_packed:
    ldr     x8, [x0]
    str     x8, [x1]
    ldr     w8, [x0, #8]
    str     w8, [x1, #8]
    ldrh    w8, [x0, #12]
    strh    w8, [x1, #12]
    ldrb    w8, [x0, #14]
    strb    w8, [x1, #14]
    ret

store_packed:
    ldr     x8, [x1]
    str     x8, [x0]
    ldr     w8, [x1, #8]
    str     w8, [x0, #8]
    ldrh    w8, [x1, #12]
    strh    w8, [x0, #12]
    ldrb    w8, [x1, #14]
    strb    w8, [x0, #14]
    ret

load_enum:
    ldrb    w8, [x0]
    strb    w8, [x1]
    ldr     w8, [x0, #4]
    str     w8, [x1, #4]
    add     x8, x0, #8
    ldr     q0, [x8]
    stur    q0, [x1, #8]
    ret

store_enum:
    ldrb    w8, [x1]
    cmp     w8, #2
    b.eq    .L3
    cmp     w8, #1
    b.ne    .L4
    ldr     w9, [x1, #4]
    ldr     b0, [x1, #8]
    strb    w8, [x0]
    add     x8, x0, #8
    str     w9, [x0, #4]
    str     q0, [x8]
    ret
.L3:
    ldur    q0, [x1, #8]
    strb    w8, [x0]
    add     x8, x0, #8
    str     wzr, [x0, #4]
    str     q0, [x8]
    ret
.L4:
    movi    v0.2d, #0000000000000000
    strb    w8, [x0]
    add     x8, x0, #8
    str     wzr, [x0, #4]
    str     q0, [x8]
    ret

value_load:
    mov     x1, x8
    b       seqcopy::atomic_per_byte::AtomicPerByte<T>::load_start::large

value_load_inner:
    ldp     q0, q1, [x0]
    ldp     q2, q3, [x0, #32]
    add     x9, x0, #64
    add     x10, x0, #128
    ldp     q4, q5, [x9]
    ldp     q6, q7, [x9, #32]
    ldp     q16, q17, [x10]
    ldp     q18, q19, [x10, #32]
    stp     q0, q1, [x8]
    stp     q2, q3, [x8, #32]
    stp     q4, q5, [x8, #64]
    stp     q6, q7, [x8, #96]
    stp     q16, q17, [x8, #128]
    stp     q18, q19, [x8, #160]
    ret

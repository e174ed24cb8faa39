    add     x8, x0, #1024
    ldar    x8, [x8]
    tbnz    w8, #0, .L5
    neg     w10, w1
    and     x9, x10, #0x8
    tbz     w10, #3, .L3
    ldr     q0, [x0]
    str     q0, [x1]
.L3:
    add     x10, x0, x9
    add     x9, x1, x9
    add     x11, x0, #960
    add     x12, x1, #960
.Lasm0:
    ldp     q0, q1, [x10]
    ldp     q2, q3, [x10, #32]
    add     x10, x10, #64
    stp     q0, q1, [x9]
    stp     q2, q3, [x9, #32]
    add     x9, x9, #64
    cmp     x10, x11
    b.lo    .Lasm0
    ldp     q0, q1, [x11]
    ldp     q2, q3, [x11, #32]
    stp     q0, q1, [x12]
    stp     q2, q3, [x12, #32]
    dmb     ishld
    ldr     x9, [x0, #1024]
    cmp     x9, x8
    b.ne    .L5
    ret
.L5:
    b       seqcopy::lock::read::read_contended

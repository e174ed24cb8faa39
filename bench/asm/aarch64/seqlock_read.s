    add     x8, x0, #48
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldp     q0, q1, [x0]
    stp     q0, q1, [x1]
    add     x9, x0, #32
    ldr     x10, [x9]
    ldr     x9, [x0, #40]
    stp     x10, x9, [x1, #32]
    dmb     ishld
    ldr     x9, [x0, #48]
    cmp     x9, x8
    b.ne    .L3
    ret
.L3:
    b       seqcopy::lock::read::read_contended

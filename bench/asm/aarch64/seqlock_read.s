    ldar    x8, [x0]
    tbnz    w8, #0, .L3
    ldrb    w9, [x0, #16]
    strb    w9, [x1]
    add     x9, x0, #24
    ldr     q0, [x9]
    stur    q0, [x1, #8]
    add     x9, x0, #40
    ldr     x10, [x9]
    str     x10, [x1, #24]
    add     x9, x0, #48
    ldrb    w10, [x9]
    strb    w10, [x1, #32]
    ldr     w9, [x0, #52]
    str     w9, [x1, #36]
    ldr     x9, [x0, #56]
    str     x9, [x1, #40]
    dmb     ishld
    ldr     x9, [x0]
    cmp     x9, x8
    b.ne    .L3
    ret
.L3:
    b       seqcopy::lock::read::read_contended

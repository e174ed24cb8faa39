    add     x8, x0, #24
    ldar    x8, [x8]
    tbnz    w8, #0, .L3
    ldr     q0, [x0]
    str     q0, [x1]
    add     x9, x0, #16
    ldr     x10, [x9]
    str     x10, [x1, #16]
    dmb     ishld
    ldr     x9, [x0, #24]
    cmp     x9, x8
    b.ne    .L3
    ret
.L3:
    b       seqcopy::lock::read::read_contended

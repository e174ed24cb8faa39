    sub     sp, sp, #32
    stp     x29, x30, [sp, #16]
    add     x29, sp, #16
    mov     x1, x8
    sub     x2, x29, #4
    stur    wzr, [x29, #-4]
    bl      seqcopy::lock::in_place::read_with::read_with_large
    ldp     x29, x30, [sp, #16]
    add     sp, sp, #32
    ret

    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldr     q0, [x0]
    ldr     x9, [x0, #16]
    mov     x1, sp
    mov     x0, x8
    str     q0, [sp]
    str     x9, [sp, #16]
    bl      seqcopy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

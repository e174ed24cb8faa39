    sub     sp, sp, #48
    stp     x29, x30, [sp, #32]
    add     x29, sp, #32
    ldr     x9, [x0, #16]
    ldr     q0, [x0]
    mov     x1, sp
    mov     x0, x8
    str     x9, [sp, #16]
    str     q0, [sp]
    bl      seqcopy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

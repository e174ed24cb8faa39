    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    mov     x2, x0
    mov     w3, wzr
    b       seqcopy_shm::reader::by_fields::<impl seqcopy_shm::reader::Reader<T>>::read_until_by
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
    bl      seqcopy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

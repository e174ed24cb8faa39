    ldr     x9, [x0]
    cmp     x9, #2
    b.ne    .L2
    ldr     x1, [x0, #8]
    b       seqcopy_shm::reader::by_fields::<impl seqcopy_shm::reader::Reader<T>>::read_by
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
    bl      seqcopy::in_place::read::read_large
    ldp     x29, x30, [sp, #32]
    add     sp, sp, #48
    ret

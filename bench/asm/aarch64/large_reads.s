value_read1k:
    mov     x1, x8
    b       seqcopy::lock::read::read_large

value_read_into1k:
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

value_read:
    mov     x1, x8
    b       seqcopy::lock::read::read_large

value_read4k:
    mov     x1, x8
    b       seqcopy::lock::read::read_large

value_read_padded:
    mov     x1, x8
    b       seqcopy::lock::read::read_large

value_read_versioned:
    stp     x29, x30, [sp, #-32]!
    str     x19, [sp, #16]
    mov     x29, sp
    mov     x1, x8
    mov     x19, x8
    bl      seqcopy::lock::read::read_large
    str     x0, [x19, #320]
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

value_read_if_changed:
    stp     x29, x30, [sp, #-32]!
    stp     x20, x19, [sp, #16]
    mov     x29, sp
    ldr     x9, [x0, #320]
    dmb     ishld
    mov     x19, x8
    ldr     x10, [x1]
    cmp     x10, x9, lsr #1
    b.ne    .L2
    str     xzr, [x19]
    ldp     x20, x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
.L2:
    mov     x20, x1
    add     x1, x19, #8
    bl      seqcopy::lock::read::read_large
    mov     w8, #1
    str     x0, [x20]
    str     x8, [x19]
    ldp     x20, x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret

value_latch_read:
    mov     x1, x8
    b       seqcopy::lock::read::read_large

value_writer_read:
    ldr     x0, [x0]
    mov     x1, x8
    b       seqcopy::lock::protocol::<impl seqcopy::lock::claim::Claimed<L>>::peek::large

value_try_read:
    mov     x1, x0
    mov     x0, x8
    b       seqcopy::copy::in_place::read::read_large

value_try_read_flagged:
    mov     x1, x0
    mov     x0, x8
    b       seqcopy::copy::in_place::read::read_large

value_try_read_versioned:
    mov     x1, x0
    mov     x0, x8
    b       seqcopy::copy::in_place::read::read_large

value_try_read_if_changed:
    ldr     x9, [x0, #320]
    dmb     ishld
    mov     x2, x1
    ldr     x10, [x1]
    cmp     x10, x9, lsr #1
    b.ne    .L2
    str     xzr, [x8]
    ret
.L2:
    mov     x1, x0
    mov     x0, x8
    b       seqcopy::copy::in_place::read::read_large

value_read_with:
    mov     x1, x0
    mov     x0, x8
    mov     w2, wzr
    b       seqcopy::copy::in_place::read::read_large

value_write24:
    ldr     x8, [x0]
    ldr     x9, [x8, #24]
    add     x11, x8, #16
    orr     x9, x9, #0x1
    str     x9, [x8, #24]
    add     x9, x9, #1
    dmb     ish
    ldr     q0, [x1]
    ldr     x10, [x1, #16]
    str     q0, [x8]
    str     x10, [x11]
    add     x8, x8, #24
    stlr    x9, [x8]
    ret

value_write1k:
    ldr     x8, [x0]
    ldr     x9, [x8, #1024]
    neg     w10, w8
    and     x11, x10, #0x8
    orr     x9, x9, #0x1
    str     x9, [x8, #1024]
    dmb     ish
    tbz     w10, #3, .L2
    ldr     q0, [x1]
    str     q0, [x8]
.L2:
    add     x10, x1, #32
.L3:
    add     x12, x10, x11
    cmp     x11, #896
    ldp     q0, q1, [x12, #-32]
    ldp     q2, q3, [x12]
    add     x12, x8, x11
    stp     q0, q1, [x12]
    stp     q2, q3, [x12, #32]
    add     x11, x11, #64
    b.lo    .L3
    ldp     q0, q1, [x1, #960]
    add     x10, x8, #960
    ldp     q2, q3, [x1, #992]
    stp     q0, q1, [x10]
    stp     q2, q3, [x10, #32]
    add     x9, x9, #1
    add     x8, x8, #1024
    stlr    x9, [x8]
    ret

value_write256:
    ldr     x8, [x0]
    dup     v0.2d, x1
    ldr     x9, [x8, #256]
    add     x10, x8, #64
    orr     x9, x9, #0x1
    str     x9, [x8, #256]
    add     x9, x9, #1
    dmb     ish
    stp     q0, q0, [x8]
    stp     q0, q0, [x8, #32]
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #128
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    add     x10, x8, #192
    add     x8, x8, #256
    stp     q0, q0, [x10]
    stp     q0, q0, [x10, #32]
    stlr    x9, [x8]
    ret

value_replace:
    mov     x2, x8
    b       seqcopy::lock::methods::write::replace::large

value_write:
    b       seqcopy::lock::methods::write::write_value::large

value_write4k:
    b       seqcopy::lock::methods::write::write_value::large

value_latch_write:
    b       seqcopy::lock::methods::write::write_value::large

value_writer_write:
    ldr     x0, [x0]
    b       seqcopy::lock::protocol::<impl seqcopy::lock::claim::Claimed<L>>::publish_value::large

writer_write:
    ldr     x8, [x0]
    ldr     x9, [x8, #48]
    add     x11, x8, #24
    orr     x9, x9, #0x1
    str     x9, [x8, #48]
    add     x9, x9, #1
    dmb     ish
    ldrb    w10, [x1]
    strb    w10, [x8]
    ldur    q0, [x1, #8]
    add     x10, x8, #8
    str     q0, [x10]
    ldr     x10, [x1, #24]
    str     x10, [x11]
    add     x11, x8, #32
    ldrb    w10, [x1, #32]
    strb    w10, [x11]
    add     x11, x8, #36
    ldr     w10, [x1, #36]
    str     w10, [x11]
    add     x11, x8, #48
    ldr     x10, [x1, #40]
    str     x10, [x8, #40]
    stlr    x9, [x11]
    ret

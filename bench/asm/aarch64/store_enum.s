    sub     sp, sp, #80
    stp     x29, x30, [sp, #64]
    add     x29, sp, #64
    ldrb    w8, [x1]
    stp     xzr, xzr, [sp]
    str     xzr, [sp, #16]
    cbz     w8, .L6
    cmp     w8, #2
    b.eq    .L4
    cmp     w8, #1
    b.ne    .L5
    ldr     w9, [x1, #4]
    ldrb    w10, [x1, #8]
    strb    w8, [sp]
    str     w9, [sp, #4]
    strb    w10, [sp, #8]
    b       .L6
.L4:
    ldur    q0, [x1, #8]
    strb    w8, [sp]
    stur    q0, [sp, #8]
    b       .L6
.L5:
    strb    w8, [sp]
.L6:
    mov     x8, sp
    adrp    x1, .Lconstant
    add     x1, x1, :lo12:.Lconstant
    stp     x8, x0, [sp, #24]
    mov     w8, #8
    add     x0, sp, #24
    stp     xzr, xzr, [sp, #40]
    str     x8, [sp, #56]
    bl      <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    adrp    x1, .Lconstant
    add     x1, x1, :lo12:.Lconstant
    add     x0, sp, #24
    bl      <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    ldp     x29, x30, [sp, #64]
    add     sp, sp, #80
    ret

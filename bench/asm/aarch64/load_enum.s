    sub     sp, sp, #64
    stp     x29, x30, [sp, #48]
    add     x29, sp, #48
    stp     x0, x1, [sp, #8]
    mov     w8, #8
    adrp    x1, .Lconstant
    add     x1, x1, :lo12:.Lconstant
    add     x0, sp, #8
    stp     xzr, xzr, [sp, #24]
    str     x8, [sp, #40]
    bl      <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    adrp    x1, .Lconstant
    add     x1, x1, :lo12:.Lconstant
    add     x0, sp, #8
    bl      <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    ldp     x29, x30, [sp, #48]
    add     sp, sp, #64
    ret

    ldr     x0, [x0]
    mov     x1, x8
    b       seqcopy::lock::claimed::<impl seqcopy::lock::claim::Claimed<L>>::peek::large

    mov     x2, x8
    b       seqcopy::lock::replace::large

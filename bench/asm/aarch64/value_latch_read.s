    mov     x1, x8
    b       seqcopy::lock::read_large

    mov     x1, x8
    b       seqcopy::lock::read::read_large

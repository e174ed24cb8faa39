    mov     x1, x0
    mov     x0, x8
    b       seqcopy::in_place::read::read_large

    mov     x1, x0
    mov     x0, x8
    mov     w2, wzr
    b       seqcopy::in_place::read::read_large

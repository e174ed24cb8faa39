    mov     x1, x8
    b       seqcopy::lock::in_place::attempt::attempt_large

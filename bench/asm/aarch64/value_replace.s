    mov     x2, x8
    b       seqcopy::lock::methods::write::replace::large

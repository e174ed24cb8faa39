    movl    $4096, %edx
    jmpq    *seqcopy::copy::vector::x86_64::longer@GOTPCREL(%rip)

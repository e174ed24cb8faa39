    movq    %rdi, %rax
    movl    $4096, %edx
    movq    %rsi, %rdi
    movq    %rax, %rsi
    jmpq    *seqcopy::copy::vector::x86_64::longer@GOTPCREL(%rip)

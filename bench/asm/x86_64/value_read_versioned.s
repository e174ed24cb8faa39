    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read_large@GOTPCREL(%rip)
    movq    %rax, 256(%rbx)
    movq    %rbx, %rax
    popq    %rbx
    retq

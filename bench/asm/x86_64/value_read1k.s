    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

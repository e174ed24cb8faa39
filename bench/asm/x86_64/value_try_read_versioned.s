    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::in_place::attempt::attempt_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

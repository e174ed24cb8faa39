    pushq   %rbx
    movq    %rdi, %rbx
    movq    (%rsi), %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::peek::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

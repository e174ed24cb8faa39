    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rdx, %rsi
    movq    %rbx, %rdx
    callq   *seqcopy::lock::methods::write::replace::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

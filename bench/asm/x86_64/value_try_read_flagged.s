    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

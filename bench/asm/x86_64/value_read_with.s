    pushq   %rbx
    movq    %rdi, %rbx
    xorl    %edx, %edx
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

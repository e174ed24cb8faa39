    movq    320(%rsi), %rax
    shrq    %rax
    cmpq    (%rdx), %rax
    jne     .L2
    movq    $0, (%rdi)
    movq    %rdi, %rax
    retq
.L2:
    pushq   %rbx
    movq    %rdi, %rbx
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

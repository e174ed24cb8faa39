    pushq   %rbx
    movq    %rdi, %rbx
    movq    320(%rsi), %rcx
    shrq    %rcx
    cmpq    (%rdx), %rcx
    jne     .L3
    movq    $0, (%rbx)
    movq    %rbx, %rax
    popq    %rbx
    retq
.L3:
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::in_place::attempt::attempt_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

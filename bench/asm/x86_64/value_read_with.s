    pushq   %rbx
    subq    $16, %rsp
    movq    %rdi, %rbx
    movl    $0, 12(%rsp)
    leaq    12(%rsp), %rdx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::lock::in_place::read_with::read_with_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $16, %rsp
    popq    %rbx
    retq

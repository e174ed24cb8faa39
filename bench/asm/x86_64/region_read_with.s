    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    movups  8(%rsi), %xmm0
    movups  %xmm0, 8(%rsp)
    movl    $0, 24(%rsp)
    leaq    8(%rsp), %rsi
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

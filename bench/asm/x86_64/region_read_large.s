    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    movq    16(%rsi), %rax
    movups  (%rsi), %xmm0
    movaps  %xmm0, (%rsp)
    movq    %rax, 16(%rsp)
    movq    %rsp, %rsi
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq

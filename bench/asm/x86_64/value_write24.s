    movq    (%rdi), %rax
    movq    24(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 24(%rax)
    movq    16(%rsi), %rdx
    movups  (%rsi), %xmm0
    movups  %xmm0, (%rax)
    leaq    16(%rax), %rsi
    movq    %rdx, (%rsi)
    incq    %rcx
    movq    %rcx, 24(%rax)
    retq

    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    leaq    32(%rdi), %rax
    movq    (%rax), %rcx
    movq    %rcx, 32(%rsi)
    movq    40(%rdi), %rax
    movq    %rax, 40(%rsi)
    retq

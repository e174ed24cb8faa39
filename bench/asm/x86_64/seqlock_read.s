    movq    48(%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read::read_contended
    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    leaq    32(%rdi), %rcx
    movq    (%rcx), %rdx
    movq    %rdx, 32(%rsi)
    movq    40(%rdi), %rcx
    movq    %rcx, 40(%rsi)
    movq    48(%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read::read_contended
    retq

    movq    24(%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read::read_contended
    movups  (%rdi), %xmm0
    movups  %xmm0, (%rsi)
    leaq    16(%rdi), %rcx
    movq    (%rcx), %rdx
    movq    %rdx, 16(%rsi)
    movq    24(%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read::read_contended
    retq

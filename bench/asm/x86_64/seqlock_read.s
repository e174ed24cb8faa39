    movq    (%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read::read_contended
    movzbl  16(%rdi), %ecx
    movb    %cl, (%rsi)
    leaq    24(%rdi), %rcx
    movups  (%rcx), %xmm0
    movups  %xmm0, 8(%rsi)
    leaq    40(%rdi), %rcx
    movq    (%rcx), %rdx
    movq    %rdx, 24(%rsi)
    leaq    48(%rdi), %rcx
    movb    (%rcx), %dl
    movb    %dl, 32(%rsi)
    movl    52(%rdi), %ecx
    movl    %ecx, 36(%rsi)
    movq    56(%rdi), %rcx
    movq    %rcx, 40(%rsi)
    movq    (%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read::read_contended
    retq

    movq    (%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read_patiently
    movzbl  16(%rdi), %ecx
    movb    %cl, (%rsi)
    movq    24(%rdi), %rcx
    movq    %rcx, 8(%rsi)
    movq    32(%rdi), %rcx
    movq    %rcx, 16(%rsi)
    movq    40(%rdi), %rcx
    movq    %rcx, 24(%rsi)
    movzbl  48(%rdi), %ecx
    movb    %cl, 32(%rsi)
    movl    52(%rdi), %ecx
    movl    %ecx, 36(%rsi)
    movq    56(%rdi), %rcx
    movq    %rcx, 40(%rsi)
    movq    (%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read_patiently
    retq

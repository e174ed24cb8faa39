    movzbl  (%rdi), %eax
    movb    %al, (%rsi)
    leaq    8(%rdi), %rax
    movups  (%rax), %xmm0
    movups  %xmm0, 8(%rsi)
    leaq    24(%rdi), %rax
    movq    (%rax), %rcx
    movq    %rcx, 24(%rsi)
    leaq    32(%rdi), %rax
    movb    (%rax), %cl
    movb    %cl, 32(%rsi)
    movl    36(%rdi), %eax
    movl    %eax, 36(%rsi)
    movq    40(%rdi), %rax
    movq    %rax, 40(%rsi)
    retq

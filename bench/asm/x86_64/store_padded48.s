    movzbl  (%rsi), %eax
    movb    %al, (%rdi)
    leaq    8(%rdi), %rax
    movups  8(%rsi), %xmm0
    movups  %xmm0, (%rax)
    movq    24(%rsi), %rax
    leaq    24(%rdi), %rcx
    movq    %rax, (%rcx)
    movzbl  32(%rsi), %eax
    leaq    32(%rdi), %rcx
    movb    %al, (%rcx)
    leaq    36(%rdi), %rax
    movl    36(%rsi), %ecx
    movl    %ecx, (%rax)
    movq    40(%rsi), %rax
    movq    %rax, 40(%rdi)
    retq

    movq    (%rdi), %rax
    movq    48(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 48(%rax)
    movzbl  (%rsi), %edx
    movb    %dl, (%rax)
    leaq    8(%rax), %rdx
    movups  8(%rsi), %xmm0
    movups  %xmm0, (%rdx)
    movq    24(%rsi), %rdx
    leaq    24(%rax), %rdi
    movq    %rdx, (%rdi)
    movzbl  32(%rsi), %edx
    leaq    32(%rax), %rdi
    movb    %dl, (%rdi)
    leaq    36(%rax), %rdx
    movl    36(%rsi), %edi
    movl    %edi, (%rdx)
    movq    40(%rsi), %rdx
    movq    %rdx, 40(%rax)
    incq    %rcx
    movq    %rcx, 48(%rax)
    retq

    movq    (%rdi), %rax
    movq    (%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, (%rax)
    movzbl  (%rsi), %edx
    movb    %dl, 16(%rax)
    leaq    24(%rax), %rdx
    movups  8(%rsi), %xmm0
    movups  %xmm0, (%rdx)
    movq    24(%rsi), %rdx
    leaq    40(%rax), %rdi
    movq    %rdx, (%rdi)
    movzbl  32(%rsi), %edx
    leaq    48(%rax), %rdi
    movb    %dl, (%rdi)
    movl    36(%rsi), %edx
    movl    %edx, 52(%rax)
    movq    40(%rsi), %rdx
    movq    %rdx, 56(%rax)
    incq    %rcx
    movq    %rcx, (%rax)
    retq

    movq    (%rdi), %rax
    movq    (%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, (%rax)
    movzbl  (%rsi), %edx
    movb    %dl, 16(%rax)
    movq    8(%rsi), %rdx
    movq    %rdx, 24(%rax)
    movq    16(%rsi), %rdx
    movq    %rdx, 32(%rax)
    movq    24(%rsi), %rdx
    movq    %rdx, 40(%rax)
    movzbl  32(%rsi), %edx
    movb    %dl, 48(%rax)
    movl    36(%rsi), %edx
    movl    %edx, 52(%rax)
    movq    40(%rsi), %rdx
    movq    %rdx, 56(%rax)
    incq    %rcx
    movq    %rcx, (%rax)
    retq

    movzbl  (%rsi), %eax
    movb    %al, (%rdi)
    movq    8(%rsi), %rax
    movq    %rax, 8(%rdi)
    movq    16(%rsi), %rax
    movq    %rax, 16(%rdi)
    movq    24(%rsi), %rax
    movq    %rax, 24(%rdi)
    movzbl  32(%rsi), %eax
    movb    %al, 32(%rdi)
    movl    36(%rsi), %eax
    movl    %eax, 36(%rdi)
    movq    40(%rsi), %rax
    movq    %rax, 40(%rdi)
    retq

    movzbl  (%rdi), %eax
    movb    %al, (%rsi)
    movq    8(%rdi), %rax
    movq    %rax, 8(%rsi)
    movq    16(%rdi), %rax
    movq    %rax, 16(%rsi)
    movq    24(%rdi), %rax
    movq    %rax, 24(%rsi)
    movzbl  32(%rdi), %eax
    movb    %al, 32(%rsi)
    movl    36(%rdi), %eax
    movl    %eax, 36(%rsi)
    movq    40(%rdi), %rax
    movq    %rax, 40(%rsi)
    retq
